import Foundation
import Platform
import Testing

/// Something that was to become true in time and did not.
struct Overdue: Error, CustomStringConvertible {
    let description: String
}

/// Asks again and again until there is an answer; throws ``Overdue`` once the deadline has passed.
///
/// The deadline only ends what will never come: it is far beyond what a machine with four times the load needs. Between two
/// asks it rests three times as long as an ask takes: a program is started for most, which is work for the machine that others
/// wait for.
func eventually<Answer>(
    _ what: String, within seconds: Double = 300, every interval: Double = 0.05, _ ask: () throws -> Answer?
) throws -> Answer {
    let deadline = MonotonicMoment.now + .seconds(seconds)
    while true {
        let began = MonotonicMoment.now
        if let answer = try ask() { return answer }
        if MonotonicMoment.now > deadline { throw Overdue(description: "within \(seconds) s there was not: \(what)") }
        let pause = max(.seconds(interval), (MonotonicMoment.now - began) * 3)
        usleep(UInt32(pause / .microseconds(1)))
    }
}

/// Waits until something holds.
func eventually(
    _ what: String, within seconds: Double = 300, every interval: Double = 0.05, _ holds: () throws -> Bool
) throws {
    let _: Bool = try eventually(what, within: seconds, every: interval) { try holds() ? true : nil }
}
