import ManagementSystem
import Metering

/// What of the meters' checks waits for people: it puts nothing out of order.
extension PlantStatus {
    /// How many are named; of more it is told how many there are.
    private static let named = 3

    /// One finding for all that are late and one for all that soon will be, each with the command for its first meter.
    func checkFindings(_ page: Page) -> [PlantFinding] {
        let late = checks.filter(\.isLate)
        let soon = checks.filter { !$0.isLate }
        return [(late, "calibration overdue"), (soon, "calibration due soon")].compactMap { some, words in
            guard let first = some.first else { return nil }
            let names = some.prefix(PlantStatus.named).map { $0.meter }.joined(separator: ", ")
            let more = some.count - PlantStatus.named
            return PlantFinding(
                kind: "calibration", weight: .note, what: "\(words): \(names)" + (more > 0 ? " and \(more) more" : ""),
                inShort: some.count == 1 ? nil : "\(words): \(some.count) meters",
                amount: first.words(page.record.calendar),
                next: "emsctl calibration add \(first.meter) --date today --as-found FOUND")
        }
    }

    /// How many are late, in words; nil: none is.
    var lateChecks: String? {
        let count = checks.count(where: \.isLate)
        return count == 0 ? nil : count == 1 ? "1 calibration is overdue" : "\(count) calibrations are overdue"
    }
}

extension DueCheck {
    /// One word for how it stands.
    var state: String {
        switch standing {
        case .never: "none on record"
        case .overdue: "overdue"
        case .soon: "due soon"
        }
    }

    /// Since when it is overdue, or by when it is due.
    func words(_ calendar: SiteCalendar) -> String {
        switch standing {
        case .never: "\(meter) was never checked"
        case .overdue(let day): "\(meter) since \(calendar.date(day).text)"
        case .soon(let day): "\(meter) by \(calendar.date(day).text)"
        }
    }
}
