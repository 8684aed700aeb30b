import Metering
import PlantConfiguration
import Scenarios

/// A meter of a simulated plant.
struct SimulatedMeter: Sendable {
    let definition: MeterDefinition
    let points: [SimulatedPoint]
    let behavior: Scenario.MeterBehavior
    /// What befalls the meter or its link, in the order of the scenario.
    let faults: [ArmedFault]
    /// What a SunSpec device says of itself.
    var chain = SunSpecChain()
}

/// A fault of the scenario with its chance.
struct ArmedFault: Sendable {
    let fault: SimulatedFault
    /// Its place in the scenario.
    let index: Int
    let chance: Chance

    /// Which of its occurrences hits a request at that time; nil: none does.
    func strikes(at time: Int64) -> (number: Int64, began: Int64)? {
        guard let occurrence = fault.occurrence(at: time) else { return nil }
        return fault.chance >= 1 || chance.share(time) < fault.chance ? occurrence : nil
    }
}
