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

    /// How many steps; at least 1.
    package var count: Int
    /// What is counted.
    package var step: Step

    /// A length of `count` steps.
    package init(_ count: Int, _ step: Step) {
        self.count = count
        self.step = step
    }

    /// The length written as a whole number and a unit, e.g. `15m`; nil for anything else, and for zero.
    package init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits), count > 0, count < 1_000_000_000,
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
    /// For durations that are not windows (`max_gap: 1d`, `retention: 400d`, `recurrence: 90d`).
    package var nominalMilliseconds: Int64 {
        if let elapsedMilliseconds { return elapsedMilliseconds }
        let day: Int64 = 86_400_000
        return switch step {
        case .weeks: Int64(count) * 7 * day
        case .months: Int64(count) * 30 * day
        case .quarters: Int64(count) * 91 * day
        case .years: Int64(count) * 365 * day
        default: Int64(count) * day
        }
    }
}

extension CalendarLength: CustomStringConvertible {
    package var description: String { "\(count)\(step.rawValue)" }
}
