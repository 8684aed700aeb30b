import Metering

/// The number of a nonconformity: `NC-<year>-<four digits or more>`, by site and local year of its raising (Rules 10).
package struct NonconformityNumber: Sendable, Hashable, Comparable {
    package var year: Int
    /// From 1 in each year; a number once given stays.
    package var number: Int

    /// The number of that rank in a year.
    package init(year: Int, number: Int) {
        self.year = year
        self.number = number
    }

    /// The number written as text; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "NC", parts[1].count == 4, parts[2].count >= 4,
            (parts[1] + parts[2]).allSatisfy({ $0.isASCII && $0.isNumber }), let year = Int(parts[1]),
            let number = Int(parts[2])
        else { return nil }
        self.init(year: year, number: number)
    }

    /// The year whose numbers an episode raised at that instant gets: the local one.
    package static func year(of raisedAt: Instant, in calendar: SiteCalendar) -> Int {
        calendar.date(raisedAt).components.year
    }

    /// `NC-2026-0001`.
    package var text: String {
        let digits = String(number)
        return "NC-\(year)-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    package static func < (a: NonconformityNumber, b: NonconformityNumber) -> Bool {
        (a.year, a.number) < (b.year, b.number)
    }
}
