import Metering
import PlantConfiguration
import Scenarios

extension SimulatedSignal {
    /// What a point does that the scenario says nothing about: a gauge moves within its range, a counter grows, a state is 1.
    static func plausible(for point: MeasuredPoint, _ definition: PointDefinition) -> SimulatedSignal {
        switch point.kind {
        case .state: return SimulatedSignal(.constant(1))
        case .counter:
            let hourly = min(definition.maxRate.map { $0 / 4 } ?? 10, (definition.modulus ?? .infinity) / 1000)
            return SimulatedSignal(.ramp(start: 100, rate: hourly / 3_600_000))
        case .gauge:
            let low = point.range.map { $0.lowerBound + ($0.upperBound - $0.lowerBound) * 0.3 } ?? 80
            let high = point.range.map { $0.lowerBound + ($0.upperBound - $0.lowerBound) * 0.6 } ?? 120
            let swing = Track([(0, low), (300_000, high), (600_000, low)], isHeld: false, period: 600_000)
            return SimulatedSignal(swing.map { .track($0) } ?? .constant(low), noise: (high - low) / 20)
        }
    }
}
