import Metering

/// The far end as one target speaks to it; used by one thread, on which everything may block.
protocol ForwardDestination: AnyObject {
    /// Connects where that is needed; returns how many lines of the journal the target has, where it can say so.
    ///
    /// `nil` also where nothing was connected anew.
    func open(_ site: ForwardedSite) throws(ForwardFailure) -> Int?
    /// Sends a batch; when it returns, the target has it.
    func send(_ batch: ForwardBatch) throws(ForwardFailure)
    /// Says that the site lives, once a minute.
    func beat(now: Instant) throws(ForwardFailure)
    /// What witnesses said there of this site's heads over more than so many lines, the smallest first, some at a time.
    func cosignatures(after size: Int) throws(ForwardFailure) -> [RegisteredCosignature]
    /// Ends the connection.
    func close()
    /// Bytes sent since the last time this was asked.
    func takeBytes() -> Int
}

extension ForwardDestination {
    // Only a register has a place for them.
    func cosignatures(after size: Int) throws(ForwardFailure) -> [RegisteredCosignature] { [] }
}

/// What stands at head office as a witness's word, whoever wrote it there.
struct RegisteredCosignature: Sendable, Hashable {
    /// Lines of the journal that it is said to be about.
    var size: Int
    var note: String
}

/// What a target is told of the site besides its record.
package struct ForwardedSite: Sendable {
    /// An objective as it is in force.
    package struct Objective: Sendable, Hashable {
        package var name: String
        package var title: String
        package var indicator: String
        package var unit: String?
        /// As the journal has it.
        package var definition: String

        /// An objective.
        package init(name: String, title: String, indicator: String, unit: String?, definition: String) {
            self.name = name
            self.title = title
            self.indicator = indicator
            self.unit = unit
            self.definition = definition
        }
    }

    package var version: String
    /// SHA-256 of the configuration in force.
    package var configuration: String
    package var objectives: [Objective]
    /// How many lines its journal has.
    package var lines = 0

    /// A site.
    package init(version: String, configuration: String, objectives: [Objective]) {
        self.version = version
        self.configuration = configuration
        self.objectives = objectives
    }
}
