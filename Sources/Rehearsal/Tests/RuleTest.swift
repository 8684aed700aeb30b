import ConfigurationSource
import Metering
import PlantConfiguration

/// One test of a configuration: readings, and what the rules are to make of them.
struct RuleTest {
    /// A value that an indicator is to have over the window that ends at an instant.
    struct ExpectedValue {
        var indicator: String
        var end: Instant
        var value: WrittenNumber?
        var status: String?
        var coverage: WrittenNumber?
        var flags: [String]?
        var mark: SourceMark
    }

    /// Verdicts of an objective: that of the window that ends at an instant, or all of them in order.
    struct ExpectedVerdict {
        var objective: String
        var end: Instant?
        /// Nil: only value and limit are looked at.
        var verdict: String?
        var all: [String]?
        var value: WrittenNumber?
        var limit: WrittenNumber?
        var mark: SourceMark
    }

    /// A nonconformity that is to be raised.
    struct ExpectedNonconformity {
        var objective: String
        var onset: Instant?
        var raisedAt: Instant?
        /// `.some(nil)`: it lasts.
        var clearedAt: Instant??
        var peak: WrittenNumber?
        var limit: WrittenNumber?
        var mark: SourceMark
    }

    var name: String
    var readings: [Reading]
    /// Up to when windows close.
    var until: Instant
    var values: [ExpectedValue]
    var verdicts: [ExpectedVerdict]
    /// All that are raised, in order; nil: not looked at.
    var nonconformities: [ExpectedNonconformity]?
    var mark: SourceMark
}

/// A number as it was written: what is found is equal where it rounds to it, with as many decimals as were written.
struct WrittenNumber {
    var value: Double
    /// Nil: `none`, no value.
    private var decimals: Int
    private var isNone: Bool

    /// A number of a test; `none` where there is to be no value.
    init?(_ field: Field) {
        if field.node.scalar?.text == "none" {
            (value, decimals, isNone) = (.nan, 0, true)
            return
        }
        guard let number = field.number() else { return nil }
        let text = field.node.scalar?.text ?? ""
        decimals = text.contains("e") ? 0 : text.split(separator: ".").dropFirst().first?.count ?? 0
        (value, isNone) = (number, false)
    }

    var text: String { isNone ? "none" : "\(value)" }

    /// Whether a number is the same: a whole one to nine digits, one with decimals to half of its last.
    func matches(_ found: Double?) -> Bool {
        guard let found, !isNone else { return found == nil && isNone }
        var slack = 1e-9 * max(abs(value), abs(found))
        if decimals > 0 {
            var step = 1.0
            for _ in 0..<decimals { step /= 10 }
            slack = max(slack, step / 2 * (1 + 1e-9))
        }
        return abs(value - found) <= slack
    }
}
