/// How far a reading can be believed (Rules 2).
package enum Quality: UInt8, Sendable, Hashable, CaseIterable {
    case good = 0
    case uncertain = 1
    /// No value: missing is never zero, and never the last value again.
    case bad = 2

    /// The word in CSV and JSON.
    package var text: String {
        switch self {
        case .good: "good"
        case .uncertain: "uncertain"
        case .bad: "bad"
        }
    }

    /// The quality of a word; nil for any other.
    package init?(text: some StringProtocol) {
        switch text {
        case "good": self = .good
        case "uncertain": self = .uncertain
        case "bad": self = .bad
        default: return nil
        }
    }
}

/// Why a reading is not good; ``none`` for a good one.
///
/// Stored as its code, so a code never changes its meaning.
package struct Reason: RawRepresentable, Sendable, Hashable {
    /// The stored code: 0 none, 1 to 99 the words below, 100 + N the Modbus exception N.
    package var rawValue: UInt8

    /// The reason of a stored code.
    @inlinable package init(rawValue: UInt8) { self.rawValue = rawValue }

    @inlinable package static func == (a: Reason, b: Reason) -> Bool { a.rawValue == b.rawValue }

    @inlinable package static var none: Reason { Reason(rawValue: 0) }
    /// No answer in time.
    @inlinable package static var timeout: Reason { Reason(rawValue: 1) }
    /// The frame's checksum was wrong.
    @inlinable package static var crc: Reason { Reason(rawValue: 2) }
    /// An answer that is not one to the request.
    @inlinable package static var frame: Reason { Reason(rawValue: 3) }
    /// The connection was reset or closed.
    @inlinable package static var reset: Reason { Reason(rawValue: 4) }
    /// The host refused the connection.
    @inlinable package static var refused: Reason { Reason(rawValue: 5) }
    /// The link has no connection, or its device is gone.
    @inlinable package static var linkDown: Reason { Reason(rawValue: 6) }
    /// The slot was not polled.
    @inlinable package static var skipped: Reason { Reason(rawValue: 7) }
    /// The raw value is the device's code for "not available".
    @inlinable package static var sentinel: Reason { Reason(rawValue: 8) }
    /// Not a number, or infinite.
    @inlinable package static var notFinite: Reason { Reason(rawValue: 9) }
    /// Outside the point's `range`.
    @inlinable package static var outOfRange: Reason { Reason(rawValue: 10) }
    /// The meter's own status says that its values do not hold (`valid_when`).
    @inlinable package static var status: Reason { Reason(rawValue: 11) }
    /// The value stood still for `frozen_after`.
    @inlinable package static var frozen: Reason { Reason(rawValue: 12) }
    /// The counter rules found the value impossible (Rules 4).
    @inlinable package static var implausible: Reason { Reason(rawValue: 13) }
    /// A recording without a value, and without a reason.
    @inlinable package static var missing: Reason { Reason(rawValue: 14) }

    /// A row of a recording that could not be read, and was left out on demand.
    @inlinable package static var unreadable: Reason { Reason(rawValue: 15) }

    /// The stretch whose use the reading says overlaps the one before (Rules 4).
    @inlinable package static var overlap: Reason { Reason(rawValue: 16) }

    /// A part of an index moved while the others were read, and they do not belong together.
    @inlinable package static var torn: Reason { Reason(rawValue: 17) }

    /// The Modbus exception of that code (1 to 155).
    package static func exception(_ code: UInt8) -> Reason { Reason(rawValue: 100 + min(code, 155)) }

    /// The word in CSV and JSON; empty for ``none``.
    package var text: String {
        if rawValue > 100 { return "exception-\(rawValue - 100)" }
        return Reason.words.indices.contains(Int(rawValue)) ? Reason.words[Int(rawValue)] : "unknown-\(rawValue)"
    }

    /// The reason of a word; nil for any other.
    package init?(text: some StringProtocol) {
        if text.hasPrefix("exception-"), let code = UInt8(text.dropFirst(10)), code >= 1, code <= 155 {
            self = .exception(code)
        } else if let index = Reason.words.firstIndex(where: { $0 == text }) {
            self.init(rawValue: UInt8(index))
        } else {
            return nil
        }
    }

    private static let words = [
        "", "timeout", "crc", "frame", "reset", "refused", "link-down", "skipped", "sentinel", "not-finite",
        "out-of-range",
        "status", "frozen", "implausible", "missing", "unreadable",
        "overlap", "torn",
    ]
}
