import Foundation
import Testing

/// Something that was to become true in time and did not.
struct Overdue: Error, CustomStringConvertible {
    let description: String
}

/// Asks again and again until there is an answer; throws ``Overdue`` once the deadline has passed.
///
/// The deadline only ends what will never come: it is far beyond what a machine with four times the load needs.
func eventually<Answer>(
    _ what: String, within seconds: Double = 300, every interval: Double = 0.05, _ ask: () throws -> Answer?
) throws -> Answer {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
        if let answer = try ask() { return answer }
        if ContinuousClock.now > deadline { throw Overdue(description: "within \(seconds) s there was not: \(what)") }
        usleep(UInt32(interval * 1_000_000))
    }
}

/// Waits until something holds.
func eventually(
    _ what: String, within seconds: Double = 300, every interval: Double = 0.05, _ holds: () throws -> Bool
) throws {
    let _: Bool = try eventually(what, within: seconds, every: interval) { try holds() ? true : nil }
}
