import DatabaseFile
import Foundation
import Indicators
import Metering
import ReadingCodec

extension StoreReader {
    /// All configurations that came into force, the first one first.
    package final func configurations() throws -> [ConfigurationRecord] {
        let sql =
            "SELECT version, digest, zone, zone_digest, path, since, who, reason FROM configuration ORDER BY version"
        return try with(sql) { statement in
            var found: [ConfigurationRecord] = []
            while try statement.step() { found.append(StoreReader.configuration(statement)) }
            return found
        }
    }

    /// The configuration in force; nil where the database knows none yet.
    package final func configurationInForce() throws -> ConfigurationRecord? {
        let sql =
            "SELECT version, digest, zone, zone_digest, path, since, who, reason FROM configuration "
            + "ORDER BY version DESC LIMIT 1"
        return try with(sql) { try $0.step() ? StoreReader.configuration($0) : nil }
    }

    private static func configuration(_ statement: StoreStatement) -> ConfigurationRecord {
        ConfigurationRecord(
            version: statement.int(0), digest: statement.text(1), zone: statement.text(2),
            zoneDigest: statement.text(3), path: statement.text(4), since: Instant(milliseconds: statement.int64(5)),
            who: statement.text(6), reason: statement.textOrNil(7))
    }

    /// The files of a version in their order; empty where there is none. Throws a ``StoreFault`` where one is damaged.
    package final func files(ofVersion version: Int) throws -> [KeptFile] {
        let sql = """
            SELECT name, digest, size, data FROM configuration_file JOIN kept_file ON digest = file
            WHERE version = ? ORDER BY position
            """
        let press = ZstdPress(level: 3)
        return try with(sql) { statement in
            statement.bind(1, version)
            var files: [KeptFile] = []
            while try statement.step() {
                var bytes = [UInt8](repeating: 0, count: statement.int(2))
                let packed = statement.bytes(3)
                guard bytes.isEmpty || bytes.withUnsafeMutableBytes({ press.decompress(packed, into: $0) }) else {
                    throw StoreFault(
                        .corrupt, "the file \(statement.text(0)) kept with configuration \(version) cannot be read")
                }
                files.append(KeptFile(name: statement.text(0), digest: statement.text(1), bytes: bytes))
            }
            return files
        }
    }

    /// What was renamed with versions after that one, up to another, in order.
    package final func renamings(after version: Int = 0, through last: Int = .max) throws -> [Renaming] {
        let sql = "SELECT kind, old, new FROM renaming WHERE version > ? AND version <= ? ORDER BY version, kind, old"
        return try with(sql) { statement in
            statement.bind(1, version)
            statement.bind(2, last)
            var found: [Renaming] = []
            while try statement.step() {
                guard let kind = Renaming.Kind(rawValue: statement.text(0)) else { continue }
                found.append(Renaming(kind, from: statement.text(1), to: statement.text(2)))
            }
            return found
        }
    }

    /// The definitions that others have replaced, in order of their versions.
    package final func definitionEnds() throws -> [DefinitionEnd] {
        let sql = "SELECT kind, thing, version, \"end\" FROM definition_end ORDER BY version, kind, thing"
        return try with(sql) { statement in
            var found: [DefinitionEnd] = []
            while try statement.step() {
                guard let kind = DefinitionEnd.Kind(rawValue: statement.text(0)) else { continue }
                found.append(
                    DefinitionEnd(
                        kind, statement.int64(1), version: statement.int(2),
                        end: Instant(milliseconds: statement.int64(3))))
            }
            return found
        }
    }

    /// The database's number of a point of the plan; 0 where a read-only database does not have it.
    package final func number(ofPoint index: PointIndex) -> Int64 { (try? identities.point(index)) ?? 0 }

    /// The database's number of an indicator of the plan; 0 where a read-only database does not have it.
    package final func number(ofIndicator index: Int) -> Int64 { (try? identities.indicator(index)) ?? 0 }

    /// The database's number of an objective of the plan; 0 where a read-only database does not have it.
    package final func number(ofObjective index: Int) -> Int64 { (try? identities.objective(index)) ?? 0 }

    /// The same state of the database with the names of all that it knows: those of the plan, then the others.
    package final func includingRemoved() throws -> StoreReader {
        try settle()
        let reader = StoreReader(database, try StoreIdentities.stored(in: database))
        reader.inTail = inTail
        return reader
    }

    /// The version of the configuration by which a decision about a counter was made; nil where it is not known.
    package final func version(of entry: LedgerEntry) throws -> Int? {
        try with("SELECT version FROM ledger WHERE point = ? AND time = ? AND entry = ?") { statement in
            statement.bind(1, try identities.point(entry.point))
            statement.bind(2, entry.time.milliseconds)
            statement.bind(3, Int64(entry.verdict.rawValue))
            return try statement.step() ? statement.int64OrNil(0).map(Int.init) : nil
        }
    }

    /// The name that a point, which a version knows by a name, had in the configuration that was in force at an instant.
    package final func name(ofPoint name: String, inVersion version: Int?, at instant: Instant) throws -> String {
        guard let version, let then = try self.version(inForceAt: instant), then != version else { return name }
        let between = try renamings(after: min(then, version), through: max(then, version)).filter { $0.kind == .point }
        return then < version
            ? between.reversed().reduce(name) { $1.new == $0 ? $1.old : $0 }
            : between.reduce(name) { $1.old == $0 ? $1.new : $0 }
    }

    /// The version of the configuration that closed what ended at an instant; nil where none is known.
    private func version(inForceAt instant: Instant) throws -> Int? {
        try with("SELECT max(version) FROM configuration WHERE since < ?") { statement in
            statement.bind(1, instant.milliseconds)
            return try statement.step() ? statement.int64OrNil(0).map(Int.init) : nil
        }
    }

    /// The name of the objective with that number of the database; nil where there is none.
    package final func name(ofObjective number: Int64) throws -> String? {
        try name(number, by: "SELECT name FROM objective WHERE id = ?")
    }

    /// The same of an indicator.
    package final func name(ofIndicator number: Int64) throws -> String? {
        try name(number, by: "SELECT name FROM indicator WHERE id = ?")
    }

    private func name(_ number: Int64, by sql: String) throws -> String? {
        try with(sql) { statement in
            statement.bind(1, number)
            return try statement.step() ? statement.textOrNil(0) : nil
        }
    }

    /// The same state of the database with the names of an earlier version, of which later renamings are known.
    package final func seen(by names: StoreNames, ofVersion version: Int) throws -> StoreReader {
        try settle()
        let reader = StoreReader(database, try identities(of: names, version))
        reader.inTail = inTail
        return reader
    }

    final func identities(of names: StoreNames, _ version: Int) throws -> StoreIdentities {
        var present = names
        for renaming in try renamings(after: version) {
            switch renaming.kind {
            case .meter: break
            case .point:
                for index in present.points.indices where present.points[index].name == renaming.old {
                    present.points[index].name = renaming.new
                }
            case .indicator:
                for index in present.indicators.indices where present.indicators[index].name == renaming.old {
                    present.indicators[index].name = renaming.new
                }
            case .objective:
                for index in present.objectives.indices where present.objectives[index].name == renaming.old {
                    present.objectives[index].name = renaming.new
                }
            }
        }
        let found = try StoreIdentities.found(present, in: database)
        return StoreIdentities(
            names: names, points: found.points, indicators: found.indicators, objectives: found.objectives)
    }
}
