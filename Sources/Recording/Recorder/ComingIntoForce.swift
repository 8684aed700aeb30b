import Conformity
import Indicators
import Metering
import PlantConfiguration
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

/// What differs between the plant in force and the next one, found out beforehand: in a large plant it takes a moment, for
/// which no reading should wait.
package struct ComparedPlants: Sendable {
    let taken: PlantNames
    let difference: PlantDifference
    /// The next plant's files, compressed.
    let files: [KeptFile]

    /// Compares the plant in force in a store with the next one.
    package init(from old: Plant, to new: Plant, in store: PlantStore) throws {
        taken = PlantNames(taken: store.names)
        difference = PlantDifference(from: old, to: new, taken: taken)
        files = try new.files.kept.map { file in
            var file = file
            try file.pack()
            return file
        }
    }
}

extension PlantNames {
    /// The names that have a record of their own.
    fileprivate init(taken names: StoreNames) {
        self.init(
            points: names.points.map(\.name), indicators: names.indicators.map(\.name),
            objectives: names.objectives.map(\.name))
    }
}

extension ConfigurationRecord {
    /// A plant's configuration, before it has come into force.
    init(_ plant: Plant, load: ConfigurationLoad) {
        self.init(
            digest: plant.digest, zone: plant.files.zone, zoneDigest: plant.files.zoneDigest, path: plant.files.path,
            since: .distantPast, who: load.who, reason: load.reason)
    }
}

extension ConfigurationFiles {
    private static let zoneName = "zone"

    /// The files as a store keeps them: the main file, the zone's rules, the profiles.
    fileprivate var kept: [KeptFile] {
        func file(_ name: String, _ bytes: [UInt8]) -> KeptFile {
            KeptFile(name: name, digest: ConfigurationFiles.digest(of: bytes), bytes: bytes)
        }
        return [file("configuration", main), file(ConfigurationFiles.zoneName, Array(zoneRules.utf8))]
            + profiles.map { file($0.name, $0.bytes) }
    }

    /// What a store keeps; nil where that is nothing.
    fileprivate init?(_ record: ConfigurationRecord, _ files: [KeptFile]) {
        guard files.count >= 2 else { return nil }
        self.init(
            path: record.path, main: files[0].bytes,
            profiles: files[2...].map { Profile(name: $0.name, bytes: $0.bytes) }, zone: record.zone,
            zoneRules: String(decoding: files[1].bytes, as: UTF8.self))
    }
}

extension Plant {
    /// The plant of a configuration that a store keeps, as it was; nil where this program no longer understands it.
    package init?(kept record: ConfigurationRecord, in reader: StoreReader) throws {
        guard let files = ConfigurationFiles(record, try reader.files(ofVersion: record.version)),
            let plant = PlantLoader.load(kept: files).plant
        else { return nil }
        self = plant
    }
}

extension JournalEntry {
    /// A configuration came into force: which, from when, by whom, why, in place of which.
    fileprivate static func configuration(
        _ record: ConfigurationRecord, load: ConfigurationLoad, after old: ConfigurationRecord?, isUnknownBefore: Bool
    ) -> JournalEntry {
        let from: CanonicalJSON = record.since == .distantPast ? .null : .text(record.since.text)
        let before: CanonicalJSON =
            old.map { old in
                .object([.init("version", .integer(old.version)), .init("configuration", .text(old.digest))])
            } ?? (isUnknownBefore ? .text("unknown") : .null)
        return JournalEntry(
            "configuration", at: record.since,
            [
                .init("version", .integer(record.version)), .init("configuration", .text(record.digest)),
                .init("from", from), .init("by", .text(record.who)), .init("occasion", .text(load.occasion.rawValue)),
                .init("reason", .text(record.reason)), .init("path", .text(record.path)),
                .init("zone", .text(record.zone)), .init("zone_data", .text(record.zoneDigest)),
                .init("before", before),
            ])
    }

    /// A definition is new, gone, different, renamed, or touched by what it is computed from.
    fileprivate static func definition(_ entry: PlantDifference.Entry) -> JournalEntry {
        var members: [CanonicalJSON.Member] = [
            .init("kind", .text(entry.kind)), .init("name", .text(entry.name)),
        ]
        if let was = entry.was { members.append(.init("was", .text(was))) }
        if entry.sort == .changed || entry.sort == .gone || entry.sort == .new {
            members.append(.init("before", entry.sort == .new ? .null : .object(entry.before)))
            members.append(.init("after", entry.sort == .gone ? .null : .object(entry.after)))
        }
        return JournalEntry("definition.\(entry.sort.rawValue)", at: .distantPast, members)
    }

    /// `was` could not be carried out, because the new name has a record of its own.
    fileprivate static func notRenamed(_ renaming: Renaming) -> JournalEntry {
        JournalEntry(
            "definition.not_renamed", at: .distantPast,
            [
                .init("kind", .text(renaming.kind.rawValue)), .init("name", .text(renaming.new)),
                .init("was", .text(renaming.old)),
            ])
    }
}
