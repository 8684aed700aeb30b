/// A length of time as people configure it: elapsed (`500ms 5s 15m 1h`) or of the local calendar (`1d 1w 1mo 1q 1y`).
package struct CalendarLength: Hashable, Sendable {
    /// What the length counts.
    package enum Step: String, Hashable, Sendable, CaseIterable {
        case milliseconds = "ms"
        case seconds = "s"
        case minutes = "m"
        case hours = "h"
        case days = "d"
        case weeks = "w"
        case months = "mo"
        case quarters = "q"
        case years = "y"
    }

    /// The most steps of a length: more of any are past all time that is measured.
    package static let most = 999_999_999

    /// How many steps; 1 to ``most``.
    package let count: Int
    /// What is counted.
    package let step: Step

    /// A length of `count` steps, or of the nearest number that there may be.
    package init(_ count: Int, _ step: Step) {
        self.count = min(max(count, 1), CalendarLength.most)
        self.step = step
    }

    /// The length written as a whole number and a unit, e.g. `15m`; nil for anything else, and for zero.
    package init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits), count > 0, count <= CalendarLength.most,
            let step = Step(rawValue: String(text.dropFirst(digits.count)))
        else { return nil }
        self.init(count, step)
    }

    /// The length in milliseconds, for `ms s m h`; nil for lengths of the calendar.
    package var elapsedMilliseconds: Int64? {
        switch step {
        case .milliseconds: Int64(count)
        case .seconds: Int64(count) * 1000
        case .minutes: Int64(count) * 60_000
        case .hours: Int64(count) * 3_600_000
        default: nil
        }
    }

    /// The length in milliseconds where a day is 24 h, a month 30 d, a quarter 91 d and a year 365 d.
    ///
    /// For durations that are not windows (`max_gap: 1d`, `retention: 400d`, `recurrence: 90d`). At the most the largest
    /// number there is.
    package var nominalMilliseconds: Int64 {
        if let elapsedMilliseconds { return elapsedMilliseconds }
        let day: Int64 = 86_400_000
        return switch step {
        case .weeks: Int64(count) * 7 * day
        case .months: Int64(count) * 30 * day
        case .quarters: Int64(count) * 91 * day
        case .years:
            // Of all steps only years can be more than the number holds.
            Int64(count).multipliedReportingOverflow(by: 365 * day).overflow ? .max : Int64(count) * 365 * day
        default: Int64(count) * day
        }
    }
}

extension CalendarLength: CustomStringConvertible {
    package var description: String { "\(count)\(step.rawValue)" }
}
