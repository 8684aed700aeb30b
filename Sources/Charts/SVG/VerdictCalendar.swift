import Metering

/// A year of local days, a column a week: how each was judged; hatched where nothing could be.
package struct VerdictCalendar: Sendable {
    /// What a day is shown as.
    package enum Mark: Int, Sendable, Hashable, Comparable {
        case notEvaluable, met, warning, notMet

        package static func < (a: Mark, b: Mark) -> Bool { a.rawValue < b.rawValue }

        var tone: String {
            switch self {
            case .notEvaluable: "unknown"
            case .met: "met"
            case .warning: "warning"
            case .notMet: "bad"
            }
        }

        /// The word of the mark.
        package var word: String {
            switch self {
            case .notEvaluable: "not evaluable"
            case .met: "met"
            case .warning: "warning"
            case .notMet: "not met"
            }
        }
    }

    private let title: String
    private let year: Int
    private let days: [CivilDate: Mark]

    /// The calendar of a year; days that are not in it were not judged.
    package init(title: String, year: Int, days: [CivilDate: Mark]) {
        (self.title, self.year, self.days) = (title, year, days)
    }

    /// The picture.
    package var svg: String {
        let size = 12.0
        let left = 30.0
        let top = 18.0
        var counts: [Mark: Int] = [:]
        guard let first = CivilDate(year: year, month: 1, day: 1), let end = CivilDate(year: year + 1, month: 1, day: 1)
        else { return "" }
        for (day, mark) in days where day >= first && day < end { counts[mark, default: 0] += 1 }
        let words = [Mark.met, .warning, .notMet, .notEvaluable].map { "\(counts[$0] ?? 0) days \($0.word)" }
        var svg = SVGText(
            width: left + 54 * size, height: top + 7 * size + 22, title: "\(title), \(year)",
            description: words.joined(separator: ", "))
        for (index, name) in ["Mon", "Wed", "Fri"].enumerated() {
            svg.write(name, 0, top + Double(2 * index) * size + 10)
        }
        var quiet: [Mark: [(x: Double, y: Double, width: Double, height: Double)]] = [:]
        for number in first.dayNumber..<end.dayNumber {
            let day = CivilDate(dayNumber: number)
            let week = (number - first.dayNumber + first.daysSinceMonday) / 7
            let x = left + Double(week) * size
            let y = top + Double(day.daysSinceMonday) * size
            if day.components.day == 1 { svg.write(ChartText.months[day.components.month - 1], x, 10) }
            guard let mark = days[day] else { continue }
            guard mark == .notMet || mark == .warning else {
                quiet[mark, default: []].append((x, y, size - 2, size - 2))
                continue
            }
            svg.box(x, y, size - 2, size - 2, tone: mark.tone, title: "\(ChartText.dayOfYear(day)): \(mark.word)")
            // A sign for who sees no colours.
            if mark == .notMet {
                svg.line(x + 2, y + 2, x + size - 4, y + size - 4, tone: "paper", width: 1.5)
                svg.line(x + 2, y + size - 4, x + size - 4, y + 2, tone: "paper", width: 1.5)
            } else {
                svg.line(x + 2, y + (size - 2) / 2, x + size - 4, y + (size - 2) / 2, tone: "paper", width: 1.5)
            }
        }
        for mark in [Mark.met, .notEvaluable] { svg.boxes(quiet[mark] ?? [], tone: mark.tone) }
        for place in quiet[.notEvaluable] ?? [] { svg.hatch(place.x, place.y, size - 2) }
        var x = left
        for mark in [Mark.met, .warning, .notMet, .notEvaluable] {
            svg.box(x, top + 7 * size + 6, 10, 10, tone: mark.tone)
            if mark == .notEvaluable { svg.hatch(x, top + 7 * size + 6, 10) }
            svg.write("\(mark.word) \(counts[mark] ?? 0)", x + 14, top + 7 * size + 15)
            x += 120
        }
        return svg.finished
    }
}
