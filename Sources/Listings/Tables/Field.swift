import Metering

/// One value of one row of a listing, before it is written as JSON, CSV or for people.
package enum Field: Sendable, Hashable {
    case none
    case text(String)
    case number(Double)
    case count(Int)
    case time(Instant)
    /// A set of words, e.g. flags.
    case words([String])

    /// The text, or nothing.
    package static func optional(_ text: String?) -> Field { text.map(Field.text) ?? .none }
    /// The number, or nothing; what is not finite is nothing, too.
    package static func optional(_ number: Double?) -> Field {
        guard let number, number.isFinite else { return .none }
        return .number(number)
    }
    /// The time, or nothing.
    package static func optional(_ time: Instant?) -> Field { time.map(Field.time) ?? .none }
    /// The whole number, or nothing.
    package static func optional(_ count: Int?) -> Field { count.map(Field.count) ?? .none }
}
