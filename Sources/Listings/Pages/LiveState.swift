import Acquisition
import Conformity
import Indicators
import Metering
import PlantAPI
import Storage

/// What only the running daemon knows, at one moment.
package struct LiveState: Sendable {
    /// When the daemon started.
    package var startedAt: Instant
    /// How the links and their meters are doing.
    package var links: [LinkHealth]
    /// Where each link leads, as configured.
    package var addresses: [String: String]
    /// Values of windows that are not closed yet.
    package var provisional: [IndicatorValue]
    /// What open windows come to.
    package var forecasts: [Forecast]
    /// What does not work in the daemon itself, in sentences: alert files, the database.
    package var faults: [String]
    /// What is still being computed from what is stored, in sentences: nothing that anybody has to look after.
    package var work: [String]
    /// Values left out because the wall clock stood before the record.
    package var leftOut: Int
    /// How the targets stand to which the record is forwarded; asked only where somebody wants to see it.
    package var forwards: @Sendable (StoreReader) throws -> [ForwardStanding] = { _ in [] }

    /// The state at one moment.
    package init(
        startedAt: Instant, links: [LinkHealth], addresses: [String: String], provisional: [IndicatorValue],
        forecasts: [Forecast] = [], faults: [String], work: [String] = [], leftOut: Int
    ) {
        self.startedAt = startedAt
        self.links = links
        self.addresses = addresses
        self.provisional = provisional
        self.forecasts = forecasts
        self.faults = faults
        self.work = work
        self.leftOut = leftOut
    }

    /// What is known of a meter; nil where it has no link yet.
    package func meter(_ name: String) -> MeterHealth? {
        for link in links {
            if let meter = link.meters.first(where: { $0.meter == name }) { return meter }
        }
        return nil
    }
}
