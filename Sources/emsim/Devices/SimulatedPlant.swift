import Metering
import Modbus
import PlantConfiguration
import Scenarios

/// A plant's meters as devices that answer over Modbus.
struct SimulatedPlant {
    /// Where the links of the configuration are served.
    struct Placement: Sendable, Hashable {
        /// Ports counted up from this one, in the order of the configuration, on 127.0.0.1; nil: the configuration's own.
        var portBase: UInt16?
        /// Where the terminals' links are made, each by the name of its link; nil: at the configuration's device paths.
        var terminals: String?
    }

    let links: [ServedLink]

    /// The links of a plant in which things happen after a scenario; those without meters are left out.
    init(_ plant: Plant, _ scenario: Scenario, clock: SimulationClock, placement: Placement) throws(PlacementFault) {
        let sources = SimulatedPlant.sources(plant, scenario)
        let faults = scenario.faults.enumerated().map { index, fault in
            ArmedFault(fault: fault, index: index, chance: Chance(seed: scenario.seed, name: "fault \(index)"))
        }
        var links: [ServedLink] = []
        var ports = 0
        for link in plant.links {
            let meters = plant.meters.filter { $0.link == link.name }.map { meter in
                var meter = meter
                let chain = SunSpecChain(placing: &meter)
                return SimulatedMeter(
                    definition: meter,
                    points: meter.points.map { point in
                        SimulatedPoint(
                            point: point,
                            source: sources[point.index]
                                ?? SignalSource(SimulatedSignal(.constant(0)), seed: 0, name: ""),
                            modulus: plant.plan.points[Int(point.index)].modulus)
                    },
                    behavior: scenario.behavior[meter.name] ?? Scenario.MeterBehavior(),
                    faults: faults.filter {
                        $0.fault.target == .meter(meter.name) || $0.fault.target == .link(link.name)
                    },
                    chain: chain)
            }
            guard !meters.isEmpty else { continue }
            let units = Dictionary(grouping: meters, by: \.definition.unit)
                .mapValues { SimulatedUnit($0, clock: clock) as any AnsweringUnit }
            let downs = faults.filter { $0.fault.kind == .down && $0.fault.target == .link(link.name) }
            let isDown: (@Sendable () -> Bool)? =
                downs.isEmpty ? nil : { @Sendable in downs.contains { $0.fault.occurrence(at: clock.now()) != nil } }
            links.append(
                ServedLink(
                    name: link.name, endpoint: try placement.endpoint(of: link, ports), units: units, isDown: isDown))
            if case .port = links[links.count - 1].endpoint { ports += 1 }
        }
        self.links = links
    }

    /// The source of each measured point; a counter's comes after that of the point it counts.
    private static func sources(_ plant: Plant, _ scenario: Scenario) -> [PointIndex: SignalSource] {
        var sources: [PointIndex: SignalSource] = [:]
        var counters: [(MeasuredPoint, SimulatedSignal, PointIndex)] = []
        for point in plant.meters.flatMap(\.points) {
            let definition = plant.plan.points[Int(point.index)]
            let signal = scenario.signals[point.index] ?? .plausible(for: point, definition)
            if case .counter(let counted, _, _) = signal.course {
                counters.append((point, signal, counted))
            } else {
                sources[point.index] = SignalSource(signal, seed: scenario.seed, name: definition.name)
            }
        }
        for (point, signal, counted) in counters {
            sources[point.index] = SignalSource(
                signal, seed: scenario.seed, name: plant.plan.points[Int(point.index)].name, counted: sources[counted])
        }
        return sources
    }
}
