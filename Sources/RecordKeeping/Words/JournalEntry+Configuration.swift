import Conformity
import Metering
import PlantConfiguration
import Storage

extension JournalEntry {
    /// A configuration came into force: which, from when, by whom, why, in place of which.
    package static func configuration(
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
    package static func definition(_ entry: PlantDifference.Entry) -> JournalEntry {
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
    package static func notRenamed(_ renaming: Renaming) -> JournalEntry {
        JournalEntry(
            "definition.not_renamed", at: .distantPast,
            [
                .init("kind", .text(renaming.kind.rawValue)), .init("name", .text(renaming.new)),
                .init("was", .text(renaming.old)),
            ])
    }
}
