import GRDB
import Metering

/// One write transaction: every question of a reader, and everything that changes the database.
///
/// It sees what it wrote itself. All of it is committed when the closure that it was given to returns, or nothing when
/// it throws.
package final class StoreWriter: StoreReader {
    let state: WriterState
    /// Small batches of this transaction, joined to one hot row at its end.
    var pending: [Reading] = []
    let rule: SealingRule
    private var newClock: Instant?
    /// The version of the configuration by which values, decisions and verdicts are made; nil: not known.
    package var version: Int?

    init(_ database: Database, _ identities: StoreIdentities, _ state: WriterState, _ rule: SealingRule) {
        self.state = state
        self.rule = rule
        super.init(database, identities)
    }

    /// Notes the time of the engine that goes with this commit.
    package func setClock(_ instant: Instant) throws { newClock = instant }

    /// Keeps a text under a key; nil removes it.
    package func setNote(_ key: String, _ text: String?) throws {
        guard let text else {
            return try with("DELETE FROM meta WHERE key = ?") { statement in
                statement.bind(1, "note." + key)
                try statement.run()
            }
        }
        try with("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value") {
            statement in
            statement.bind(1, "note." + key)
            statement.bind(2, text)
            try statement.run()
        }
    }

    /// Keeps what acquisition learned about a meter; nil forgets it.
    package func setLearned(_ meter: String, _ key: String, _ value: String?) throws {
        guard let value else {
            return try with("DELETE FROM learned WHERE meter = ? AND key = ?") { statement in
                statement.bind(1, meter)
                statement.bind(2, key)
                try statement.run()
            }
        }
        let sql =
            "INSERT INTO learned (meter, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
        try with(sql) { statement in
            statement.bind(1, meter)
            statement.bind(2, key)
            statement.bind(3, value)
            try statement.run()
        }
    }

    package override func settle() throws {
        if !pending.isEmpty || newClock != nil { try writePending() }
    }

    /// Writes what is pending; called before the commit.
    func finish() throws {
        try settle()
        try sealIfDue()
    }

    private func writePending() throws {
        if !pending.isEmpty {
            try writeHotRow(pending, clock: newClock)
            pending.removeAll(keepingCapacity: true)
        } else if let newClock {
            try setMeta("clock", newClock.milliseconds)
        }
        newClock = nil
    }

    func setMeta(_ key: String, _ value: Int64) throws {
        try with("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value") {
            statement in
            statement.bind(1, key)
            statement.bind(2, value)
            try statement.run()
        }
    }
}
