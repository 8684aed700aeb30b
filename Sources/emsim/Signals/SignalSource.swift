import Metering
import PlantConfiguration
import Scenarios

/// A signal that can be asked for its value at any time.
struct SignalSource: Sendable {
    let signal: SimulatedSignal
    private let chance: Chance
    /// What a counter counts: the other point's signal.
    private let counted: [SignalSource]

    /// The source of a signal; `counted` is the source of the point that a counter counts, and nil for other signals.
    init(_ signal: SimulatedSignal, seed: UInt64, name: String, counted: SignalSource? = nil) {
        self.signal = signal
        chance = Chance(seed: seed, name: name)
        self.counted = counted.map { [$0] } ?? []
    }

    /// The value at that simulated time, in the point's unit.
    func value(at time: Int64) -> Double {
        let plain: Double
        switch signal.course {
        case .constant(let value): plain = value
        case .ramp(let start, let rate): plain = start + rate * Double(time)
        case .track(let track): plain = track.value(at: time)
        case .counter(_, let start, let rate):
            plain = start + rate * (counted.first?.integral(to: time) ?? 0)
        }
        return signal.noise > 0 ? plain + noise(at: time) : plain
    }

    /// The integral from zero to that time, in value × milliseconds: exact, whatever times it is asked for.
    private func integral(to time: Int64) -> Double {
        let elapsed = Double(time)
        let plain: Double
        switch signal.course {
        case .constant(let value): plain = value * elapsed
        case .ramp(let start, let rate): plain = start * elapsed + rate * elapsed * elapsed / 2
        case .track(let track): plain = track.integral(to: time)
        case .counter: plain = 0
        }
        return signal.noise > 0 ? plain + noiseIntegral(to: time) : plain
    }

    /// Noise comes in pairs of opposite values, so that its integral is known without summing up all that went before.
    private func noise(at time: Int64) -> Double {
        let cell = (time / signal.noiseEvery)
        let drawn = signal.noise * (2 * chance.share(cell / 2) - 1)
        return cell % 2 == 0 ? drawn : -drawn
    }

    private func noiseIntegral(to time: Int64) -> Double {
        let cell = time / signal.noiseEvery
        let within = Double(time % signal.noiseEvery)
        let drawn = signal.noise * (2 * chance.share(cell / 2) - 1)
        return cell % 2 == 0 ? drawn * within : drawn * (Double(signal.noiseEvery) - within)
    }
}
