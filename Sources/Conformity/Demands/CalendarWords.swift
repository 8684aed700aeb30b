import Foundation
import Metering

/// Times, lengths and shares as people write them.
package enum CalendarWords {
    /// Local date and time without offset, seconds only where they are not zero: `2026-11-22 09:00`.
    static func time(_ instant: Instant, in calendar: SiteCalendar) -> String {
        let text = calendar.text(instant)
        let date = text.prefix(10)
        let clock = text.dropFirst(11)
        let hasSeconds = clock.dropFirst(6).prefix(2) != "00" || clock.dropFirst(8).first == "."
        let digits = clock.prefix(hasSeconds ? 8 : 5)
        return "\(date) \(digits)"
    }

    /// `2 d 3 h`, `1 h 30 min`, `45 s`: the two largest parts.
    package static func duration(_ milliseconds: Int64) -> String {
        let parts: [(Int64, String)] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s"), (1, "ms")]
        var rest = milliseconds
        var words: [String] = []
        for (length, name) in parts where words.count < 2 {
            if rest >= length {
                words.append("\(rest / length) \(name)")
            } else if !words.isEmpty {
                break
            }
            rest %= length
        }
        return words.isEmpty ? "0 s" : words.joined(separator: " ")
    }

    /// At most six significant digits.
    static func number(_ value: Double) -> String {
        guard value.isFinite, value != 0, abs(value) < 1e15, abs(value) >= 1e-6 else {
            return CanonicalJSON.text(of: value)
        }
        // Whole numbers are said whole: a meter's 1234567 kWh is not 1.23457e+06.
        if value == value.rounded() { return CanonicalJSON.text(of: value) }
        let digits = max(0, 5 - Int(log10(abs(value)).rounded(.down)))
        return CanonicalJSON.text(of: Double(String(format: "%.\(digits)f", value)) ?? value)
    }

    /// A part of one as a percentage with at most four digits: `93.75 %`.
    static func percentage(_ part: Double) -> String {
        let percent = part * 100
        let digits = abs(percent) < 10 ? 2 : abs(percent) < 100 ? 2 : 0
        return CanonicalJSON.text(of: Double(String(format: "%.\(digits)f", percent)) ?? percent) + " %"
    }

    /// A fraction as a percentage: `3 %`.
    static func share(_ share: ExactFraction) -> String { percentage(share.value) }

    /// What a calendar period is called: `day`, `month`, `15 min`.
    static func period(_ rule: WindowRule) -> String {
        switch rule.grid {
        case .partOfDay(let length): duration(length)
        case .day: "day"
        case .week: "week"
        case .months(1): "month"
        case .months(3): "quarter"
        case .months(12): "year"
        case .months(let months): "\(months) months"
        case .shifts: "shift"
        case .beginning(.day(let time)): "day from \(clock(time))"
        case .beginning(.week(let day)): "week from \(CivilDate.weekdays[day])"
        case .beginning(.months(let months, _, _)):
            period(WindowRule(grid: .months(months))) + " from \(rule.written.split(separator: " ").last ?? "")"
        }
    }

    private static func clock(_ time: Int64) -> String {
        String(WindowRule(grid: .beginning(.day(time: time))).written.dropFirst("1d from ".count))
    }

    /// What windows of a rule are called: `30 min`, `rolling 24h every 1 h`.
    static func windows(_ rule: WindowRule) -> String {
        if let days = rule.counted { return "last \(days) days that count" }
        guard let length = rule.rolling else { return period(rule) }
        return "rolling \(length) every \(period(rule))"
    }

    /// `1 window`, `11 windows`.
    static func windowCount(_ count: Double) -> String { count == 1 ? "1 window" : "\(number(count)) windows" }

    /// What an allowance tolerates: `3 % of the windows of a year`.
    static func allowance(_ allowance: Allowance) -> String {
        switch allowance.amount {
        case .count(1): "once a \(period(allowance.per))"
        case .count(let count): "\(count) times a \(period(allowance.per))"
        case .share(let share, of: .calendar):
            "in \(CalendarWords.share(share)) of the windows of a \(period(allowance.per))"
        case .share(let share, of: .evaluable):
            "in \(CalendarWords.share(share)) of the evaluable windows of a \(period(allowance.per))"
        }
    }
}
