import Conformity
import Foundation
import Metering

/// The yearly class table of the Bundeseinheitliche Praxis (2023): M1 to M20 of the averages, T1 to T10 of daily means, and
/// the special classes; all classes together are S6.
enum ClassTable {
    static func form(_ limits: [FormFigures], _ figures: ReportFigures) -> AuthorityForm {
        AuthorityForm(
            title: "Class table (Bundeseinheitliche Praxis 2023)",
            tables: limits.map { isDaily($0) ? daily($0, figures) : averages($0, figures) },
            notes: [
                "S9, S10: averages outside the calibration range", "S12: averages with a failure of the abatement",
                "TS2: days by the plant's own special rule",
            ])
    }

    private static func isDaily(_ limit: FormFigures) -> Bool { limit.indicator.definition?.rule.grid == .day }

    private static func averages(_ limit: FormFigures, _ figures: ReportFigures) -> AuthorityForm.Table {
        let counts = counts(limit, classes: 20)
        var rows = (0..<20).map { ["M\($0 + 1)", upTo(limit, $0 + 1, of: 20), "\(counts[$0])"] }
        rows.append(["S1", "above the limit", "\(counts[20])"])
        rows.append(["S8", "in operation, without a valid average", "\(limit.lost.count)"])
        rows.append(["S6", "all averages in operation", "\(limit.operatingCount)"])
        rows.append(["TS3", "days with more than 6 averages lost", "\(daysLost(limit, figures, above: 6))"])
        let sum = counts.reduce(0, +) + limit.lost.count
        rows.append([
            "Check", "M1 to M20, S1 and S8 together are S6", sum == limit.operatingCount ? "yes" : "NO: \(sum)",
        ])
        return table(limit, rows)
    }

    private static func daily(_ limit: FormFigures, _ figures: ReportFigures) -> AuthorityForm.Table {
        let counts = counts(limit, classes: 10)
        var rows = (0..<10).map { ["T\($0 + 1)", upTo(limit, $0 + 1, of: 10), "\(counts[$0])"] }
        rows.append(["TS1", "days above the limit", "\(counts[10])"])
        rows.append(["–", "days in operation without a valid mean", "\(limit.lost.count)"])
        rows.append(["–", "all days in operation", "\(limit.operatingCount)"])
        return table(limit, rows)
    }

    private static func table(_ limit: FormFigures, _ rows: [[String]]) -> AuthorityForm.Table {
        AuthorityForm.Table(
            caption: "\(limit.objective.title): limit \(ReportText.amount(limit.limit, limit.objective.unit))",
            head: ["Class", "Values", "Number"], rows: rows)
    }

    private static func upTo(_ limit: FormFigures, _ place: Int, of count: Int) -> String {
        "up to \(ReportText.number(limit.limit * Double(place) / Double(count)))"
    }

    /// How many values are in each class; the last is above the limit.
    ///
    /// A value is rounded to one digit more than the edges have before it is classed.
    private static func counts(_ limit: FormFigures, classes count: Int) -> [Int] {
        let step = limit.limit / Double(count)
        var decimals = 0
        while decimals < 6, abs((step * pow(10, Double(decimals))).rounded() - step * pow(10, Double(decimals))) > 1e-6
        { decimals += 1 }
        let scale = pow(10, Double(decimals + 1))
        var counts = [Int](repeating: 0, count: count + 1)
        for (_, value) in limit.values {
            let rounded = (value * scale).rounded(.toNearestOrAwayFromZero) / scale
            // An edge belongs to the class that it ends.
            let place = Int((rounded / step - 1e-9).rounded(.up)) - 1
            counts[min(max(place, 0), count)] += 1
        }
        return counts
    }

    static func daysLost(_ limit: FormFigures, _ figures: ReportFigures, above most: Int) -> Int {
        var days: [CivilDate: Int] = [:]
        for stretch in limit.lost { days[figures.calendar.date(stretch.window.end - 1), default: 0] += 1 }
        return days.values.count { $0 > most }
    }
}
