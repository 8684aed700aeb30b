import Foundation
import Metering
import TestKit

/// A recording as a bad year makes it: gaps, glitches, resets, rollovers, bad and uncertain readings.
struct SeededSeries {
    /// A gauge, a counter and a state, in that order in the plan.
    static let points = ["m.p", "m.e", "m.s"]
    /// The counter's.
    static let modulus = 10_000.0
    static let maxRate = 400.0

    var readings: [Reading] = []
    /// What the register truly advanced between its first and last reading, leaving out resets.
    private(set) var hasReset = false

    /// Readings about every two minutes from an instant on.
    init(seed: UInt64, from start: Instant, hours: Int64) {
        var numbers = SeededNumbers(seed: seed)
        var time = start.milliseconds + Int64.random(in: 0...60_000, using: &numbers)
        let end = start.milliseconds + hours * 3_600_000
        var power = 60.0
        var energy = Double.random(in: 8000...9990, using: &numbers).rounded()
        var isOn = true
        while time < end {
            let at = Instant(milliseconds: time)
            power = min(200, max(-20, power + Double(Int.random(in: -150...150, using: &numbers)) / 10))
            energy += (Double.random(in: 0...4, using: &numbers) * 100).rounded() / 100
            if energy >= Self.modulus { energy -= Self.modulus }
            if numbers.once(in: 25) { isOn.toggle() }
            if numbers.once(in: 30) {
                readings.append(Reading(0, at, bad: .timeout))
            } else {
                readings.append(Reading(0, at, power, numbers.once(in: 20) ? .uncertain : .good))
            }
            switch Int.random(in: 0..<60, using: &numbers) {
            case 0: readings.append(Reading(1, at, 0))
            case 1: readings.append(Reading(1, at, energy + 3000))
            case 2 where numbers.once(in: 3):
                energy = 2
                hasReset = true
                readings.append(Reading(1, at, energy))
            case 3: readings.append(Reading(1, at, bad: .crc))
            case 4: break
            default: readings.append(Reading(1, at, energy, numbers.once(in: 40) ? .uncertain : .good))
            }
            if numbers.once(in: 3) { readings.append(Reading(2, at, isOn ? 1 : 0)) }
            time += numbers.once(in: 40) ? Int64.random(in: 600_000...9_000_000, using: &numbers) : 120_000
            time += Int64.random(in: -20_000...20_000, using: &numbers)
        }
    }
}
