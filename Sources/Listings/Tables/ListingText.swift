import Conformity
import Foundation
import Metering

/// Fields as people read them.
package enum ListingText {
    /// The field in a table: local time with its offset, at most seven significant digits, shares in percent, `-` for
    /// nothing.
    package static func forPeople(_ field: ListingValue, _ style: ListingColumn.Style, _ calendar: SiteCalendar)
        -> ShownText
    {
        switch field {
        case .none: "-"
        case .text(let text): text.isEmpty ? "-" : ShownText(text)
        case .time(let time): ShownText(calendar.text(time))
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

    /// The number with at most seven significant digits.
    package static func rounded(_ number: Double) -> String {
        guard number.isFinite else { return "-" }
        if number == number.rounded(), abs(number) < 1e12 { return CanonicalJSON.text(of: number) }
        let short = String(format: "%.7g", number)
        return short.contains("e") ? Double(short)?.description ?? short : short
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
