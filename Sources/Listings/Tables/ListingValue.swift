import Metering

/// One value of one row of a listing, before it is written as JSON, CSV or for people.
package enum ListingValue: Sendable, Hashable {
    case none
    case text(String)
    case number(Double)
    case count(Int)
    case time(Instant)
    /// A set of words, e.g. flags.
    case words([String])

    /// The text, or nothing.
    package static func optional(_ text: String?) -> ListingValue { text.map(ListingValue.text) ?? .none }
    /// The number, or nothing; what is not finite is nothing, too.
    package static func optional(_ number: Double?) -> ListingValue {
        guard let number, number.isFinite else { return .none }
        return .number(number)
    }
    /// The time, or nothing.
    package static func optional(_ time: Instant?) -> ListingValue { time.map(ListingValue.time) ?? .none }
    /// The whole number, or nothing.
    package static func optional(_ count: Int?) -> ListingValue { count.map(ListingValue.count) ?? .none }
}
