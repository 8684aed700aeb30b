import Conformity
import Indicators
import Metering
import PlantConfiguration
import RecordKeeping
import Storage

/// Puts a plant's configuration in force (Rules 13): the one before closes what ended by then, and then the new one is
/// kept with its files, things are renamed, and the journal says what differs, in one transaction.
///
/// Killed anywhere in between, the next start does what is left. The configuration that is in force already changes
/// nothing.
package struct ComingIntoForce {
    let store: PlantStore
    let plant: Plant
    let load: ConfigurationLoad
    let isLive: Bool
    /// Up to when the store's readings are looked at; nil: all.
    let horizon: Instant?
    /// What differs, where it was found out before; for other names that are taken it is found out again.
    var compared: ComparedPlants?

    /// The coming into force of a plant's configuration.
    package init(
        store: PlantStore, plant: Plant, load: ConfigurationLoad, isLive: Bool, horizon: Instant? = nil,
        compared: ComparedPlants? = nil
    ) {
        self.horizon = horizon
        self.compared = compared
        self.store = store
        self.plant = plant
        self.load = load
        self.isLive = isLive
    }

    /// Whether another configuration is in force.
    package var replacesAnother: Bool {
        get throws {
            let current = try store.read { try $0.configurationInForce() }
            return current.map { !$0.isSame(as: ConfigurationRecord(plant, load: load)) } ?? false
        }
    }

    /// Carries it out and returns what is in force then.
    ///
    /// `running` is the recorder of the configuration before, where it is at work; otherwise one is made. `before` is
    /// called with it before it closes its windows. `cut` is an instant from which on readings belong to the new one; by
    /// default, `now`.
    package func run(
        now: Instant?, cut: Instant? = nil, running: Recorder? = nil, before: (Recorder) throws -> Void = { _ in }
    ) throws -> ConfigurationRecord {
        let wanted = ConfigurationRecord(plant, load: load)
        let current = try store.read { try $0.configurationInForce() }
        if let current, current.isSame(as: wanted) {
            try store.adopt(StoreNames(plant))
            return current
        }
        let old = try running?.plant ?? current.flatMap { kept in try store.read { try Plant(kept: kept, in: $0) } }
        if let old, let current {
            let recorder: Recorder
            if let running {
                recorder = running
            } else {
                try store.adopt(StoreNames(old))
                recorder = Recorder(store: store, plant: old, isLive: isLive)
                recorder.version = current.version
                try recorder.begin(now: now)
            }
            try before(recorder)
            try recorder.closeAll(through: try moment(now: cut ?? now), now: now)
        }
        let since = try moment(now: cut ?? now)
        return try put(wanted, since: since, after: current, old, now: now)
    }

    /// From when the configuration is in force: live, now; in a replay, the newest reading stored; from the beginning
    /// where nothing is.
    private func moment(now: Instant?) throws -> Instant {
        try store.read { reader in
            let stored = try reader.newestTimes().compactMap { $0 }.max()
            let last = try reader.configurationInForce()?.since ?? .distantPast
            guard let stored else { return last }
            let newest = min(stored, horizon ?? .distantFuture)
            let clock = try reader.clock() ?? newest
            return max(now ?? newest, newest, isLive ? clock : newest, last)
        }
    }

    private func put(
        _ wanted: ConfigurationRecord, since: Instant, after current: ConfigurationRecord?, _ old: Plant?, now: Instant?
    ) throws -> ConfigurationRecord {
        var record = wanted
        record.since = since
        let taken = PlantNames(taken: store.names)
        let known = compared.flatMap { $0.taken == taken ? $0.difference : nil }
        let difference = old.map { known ?? PlantDifference(from: $0, to: plant, taken: taken) }
        let newNames = difference?.newNames ?? NewNames(from: taken, to: plant)
        let wished = old.map { NewNames(from: PlantNames($0), to: plant) } ?? newNames
        let carried = renamings(newNames)
        return try store.putInForce(
            record, compared?.files ?? plant.files.kept, renaming: carried, names: StoreNames(plant)
        ) { writer in
            record.version = writer.version ?? 1
            let session = try RecordingSession(
                writer, site: plant.site.name, calendar: plant.plan.calendar, now: now, clock: { since })
            let isFirst = try current == nil && writer.recordStart() == nil
            session.journal(
                .configuration(record, load: load, after: current, isUnknownBefore: current == nil && !isFirst))
            try DeclaredExchange.rename(newNames.points, in: writer)
            try DefinitionRecord.rename(newNames, in: writer)
            try ManagementRecords.rename(meters: newNames.meters, points: newNames.points, in: writer)
            try RecomputationQueue.rename(newNames, in: writer)
            for renaming in renamings(wished) where !carried.contains(renaming) {
                session.journal(.notRenamed(renaming))
            }
            for entry in difference?.entries ?? [] { session.journal(.definition(entry)) }
            if let old, let current, let difference {
                let succession = Succession(
                    old: old, new: plant, difference: difference, version: current.version, since: since)
                try succession.note(in: session)
            }
            try session.finish { _ in }
            return record
        }
    }

    /// In a fixed order, so that the same change is written in the same way.
    private func renamings(_ names: NewNames) -> [Renaming] {
        let all: [Renaming] =
            names.meters.map { Renaming(.meter, from: $0, to: $1) }
            + names.points.map { Renaming(.point, from: $0, to: $1) }
            + names.indicators.map { Renaming(.indicator, from: $0, to: $1) }
            + names.objectives.map { Renaming(.objective, from: $0, to: $1) }
        return all.sorted { ($0.kind.rawValue, $0.old) < ($1.kind.rawValue, $1.old) }
    }
}
