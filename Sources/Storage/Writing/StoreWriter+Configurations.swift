import Conformity
import DatabaseFile
import Metering
import ReadingCodec

extension StoreWriter {
    /// Keeps a configuration with all its files for ever, as the one in force from now on; returns its version.
    package func putInForce(_ configuration: ConfigurationRecord, _ files: [KeptFile]) throws -> Int {
        let version = (try configurationInForce()?.version ?? 0) + 1
        let sql = """
            INSERT INTO configuration (version, digest, zone, zone_digest, path, since, who, reason)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """
        try with(sql) { statement in
            statement.bind(1, version)
            statement.bind(2, configuration.digest)
            statement.bind(3, configuration.zone)
            statement.bind(4, configuration.zoneDigest)
            statement.bind(5, configuration.path)
            statement.bind(6, configuration.since.milliseconds)
            statement.bind(7, configuration.who)
            statement.bind(8, configuration.reason)
            try statement.run()
        }
        for (position, file) in files.enumerated() {
            try keep(file)
            try with("INSERT INTO configuration_file (version, position, name, file) VALUES (?, ?, ?, ?)") {
                statement in
                statement.bind(1, version)
                statement.bind(2, position)
                statement.bind(3, file.name)
                statement.bind(4, file.digest)
                try statement.run()
            }
        }
        self.version = version
        return version
    }

    private func keep(_ file: KeptFile) throws {
        var file = file
        if file.packed == nil { try file.pack() }
        guard let packed = file.packed else { return }
        try with("INSERT INTO kept_file (digest, size, data) VALUES (?, ?, ?) ON CONFLICT DO NOTHING") { statement in
            statement.bind(1, file.digest)
            statement.bind(2, file.bytes.count)
            statement.bind(3, packed)
            try statement.run()
        }
    }

    /// Notes that definitions ended with those versions.
    package func put(_ ends: [DefinitionEnd]) throws {
        let sql =
            "INSERT INTO definition_end (kind, thing, version, \"end\") VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
        for end in ends {
            try with(sql) { statement in
                statement.bind(1, end.kind.rawValue)
                statement.bind(2, end.thing)
                statement.bind(3, end.version)
                statement.bind(4, end.end.milliseconds)
                try statement.run()
            }
        }
    }

    /// Lets definitions end earlier than they did: another restates what they made after that.
    package func move(_ ends: [DefinitionEnd]) throws {
        for end in ends {
            try with("UPDATE definition_end SET \"end\" = ? WHERE kind = ? AND thing = ? AND version = ?") {
                statement in
                statement.bind(1, end.end.milliseconds)
                statement.bind(2, end.kind.rawValue)
                statement.bind(3, end.thing)
                statement.bind(4, end.version)
                try statement.run()
            }
        }
    }

    /// The same transaction with the names of an earlier version, of which later renamings are known; what it writes is
    /// of that version.
    package func writing(as names: StoreNames, ofVersion version: Int) throws -> StoreWriter {
        try settle()
        let writer = StoreWriter(database, try identities(of: names, version), state, rule)
        writer.version = version
        return writer
    }

    /// Lets something be known under another name, with all that it has on record.
    func carryOut(_ renaming: Renaming, version: Int) throws {
        try with("INSERT INTO renaming (version, kind, old, new) VALUES (?, ?, ?, ?)") { statement in
            statement.bind(1, version)
            statement.bind(2, renaming.kind.rawValue)
            statement.bind(3, renaming.old)
            statement.bind(4, renaming.new)
            try statement.run()
        }
        let statements =
            switch renaming.kind {
            case .meter: ["UPDATE OR REPLACE learned SET meter = ?2 WHERE meter = ?1"]
            case .point: ["UPDATE point SET name = ?2 WHERE name = ?1"]
            case .indicator: ["UPDATE indicator SET name = ?2 WHERE name = ?1"]
            case .objective:
                [
                    "UPDATE objective SET name = ?2 WHERE name = ?1",
                    "UPDATE nonconformity SET objective = ?2 WHERE objective = ?1",
                ]
            }
        for sql in statements { try rename(renaming.old, renaming.new, by: sql) }
        try giveBack(renaming)
        if renaming.kind == .objective {
            let (old, new) = (renaming.old, renaming.new)
            try rename(
                Nonconformity.dataOf(objective: old), Nonconformity.dataOf(objective: new),
                by: "UPDATE nonconformity SET objective = ?2 WHERE objective = ?1")
        }
    }

    /// In a scratch store a thing that had the name later waits for it under a name with its number (``PlantStore/scratch``).
    private func giveBack(_ renaming: Renaming) throws {
        guard renaming.kind != .meter else { return }
        let table = renaming.kind.rawValue
        let sql = "UPDATE \(table) SET name = ?1 WHERE id = (SELECT min(id) FROM \(table) WHERE name = ?1 || ' ' || id)"
        try with(sql) { statement in
            statement.bind(1, renaming.old)
            try statement.run()
        }
    }

    private func rename(_ old: String, _ new: String, by sql: String) throws {
        try with(sql) { statement in
            statement.bind(1, old)
            statement.bind(2, new)
            try statement.run()
        }
    }
}
