import Conformity
import Foundation
import Metering

/// Fields as people read them.
package enum ListingText {
    /// The field in a table: local time with its offset, at most seven significant digits, shares in percent, `-` for
    /// nothing. Times of `today` have no date.
    package static func forPeople(
        _ field: ListingValue, _ style: ListingColumn.Style, _ calendar: SiteCalendar, today: CivilDate? = nil
    ) -> ShownText {
        switch field {
        case .none: "-"
        case .text(let text): text.isEmpty ? "-" : ShownText(text)
        case .time(let time): ShownText(ListingText.time(time, calendar, today: today))
        case .words(let words): words.isEmpty ? "-" : ShownText(words.joined(separator: " "))
        case .count(let count): ShownText(style == .age ? age(Double(count)) : String(count))
        case .number(let number):
            switch style {
            case .share: ShownText(String(format: "%.1f %%", number * 100))
            case .age: ShownText(age(number))
            default: ShownText(rounded(number))
            }
        }
    }

    /// The local time with its offset; of `today` without date, and without offset where that day has only one.
    package static func time(_ time: Instant, _ calendar: SiteCalendar, today: CivilDate?) -> String {
        let text = calendar.text(time)
        guard let today, calendar.date(time) == today, let clock = text.split(separator: "T").last else { return text }
        let next = CivilDate(dayNumber: today.dayNumber + 1)
        let hasOneOffset =
            calendar.offset(at: calendar.start(of: today)) == calendar.offset(at: calendar.start(of: next))
        return hasOneOffset ? String(clock.prefix { $0 != "+" && $0 != "-" && $0 != "Z" }) : String(clock)
    }

    /// The number with at most seven significant digits.
    package static func rounded(_ number: Double) -> String {
        guard number.isFinite else { return "-" }
        if number == number.rounded(), abs(number) < 1e12 { return CanonicalJSON.text(of: number) }
        let short = String(format: "%.7g", number)
        return short.contains("e") ? Double(short)?.description ?? short : short
    }

    /// The number with so many significant digits, without an exponent where it needs none.
    package static func significant(_ number: Double, _ digits: Int) -> String {
        guard number.isFinite else { return "-" }
        let short = String(format: "%.\(digits)g", number)
        guard short.contains("e"), let value = Double(short) else { return short }
        return abs(value) >= 1 && abs(value) < 1e15 ? String(format: "%.0f", value) : short
    }

    /// A number of seconds in the largest unit that leaves at least two of it.
    package static func age(_ seconds: Double) -> String {
        switch seconds {
        case ..<0: "0 s"
        case ..<10: String(format: "%.1f s", seconds)
        case ..<120: "\(Int(seconds)) s"
        case ..<7200: "\(Int(seconds / 60)) min"
        case ..<172_800: "\(Int(seconds / 3600)) h"
        default: "\(Int(seconds / 86_400)) d"
        }
    }
}
