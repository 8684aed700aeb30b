import ConfigurationSource
import Metering
import PlantConfiguration

/// What a simulated plant does: the course of its points, and what goes wrong when. All times are simulated time.
package struct Scenario: Sendable, Hashable {
    /// How a simulated meter behaves beside its values.
    package struct MeterBehavior: Sendable, Hashable {
        /// Milliseconds it takes to answer.
        package var delay: Int64 = 0
        /// Whether a read that touches an address without a point is refused with exception 2, or reads zero there.
        package var refusesHoles = false

        /// A meter that answers at once, with zeros between its points.
        package init() {}
    }

    /// When simulated time was zero; nil: it is zero when the simulation starts.
    package var epoch: Instant?
    /// Decides all noise and chance.
    package var seed: UInt64 = 1
    /// The course of points; one that is missing here gets a plausible one of its kind.
    package var signals: [PointIndex: SimulatedSignal] = [:]
    /// By the meter's name.
    package var behavior: [String: MeterBehavior] = [:]
    package var faults: [SimulatedFault] = []

    /// A plant where nothing goes wrong.
    package init() {}
}

/// What came of reading a scenario.
package struct ScenarioReport: Sendable {
    /// nil where there is an error.
    package var scenario: Scenario?
    /// Errors and warnings, by file (the scenario first), line and column.
    package var faults: [ConfigurationFault]
}
