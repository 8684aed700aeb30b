import Indicators
import Metering

/// What of the record is to be sealed in the journal: each hour once it is over, and again where something in it changed.
extension StoreWriter {
    /// Lets all hours up to an instant be sealed that were not yet: those since the last time, or since the record's begin.
    package func sealUp(to end: Instant) throws {
        try settle()
        guard let start = try sealedUntil() ?? recordStart()?.milliseconds, start < end.milliseconds else { return }
        for hour in StoreReader.hour(start)...StoreReader.hour(end.milliseconds - 1) { try due(hour) }
        try setMeta("sealed_until", end.milliseconds)
        state.sealedUntil = end.milliseconds
    }

    /// Takes hours off what is to be sealed, but for those in which something changed after the stamp.
    package func sealed(through stamp: Int64) throws {
        try with("DELETE FROM seal_due WHERE stamp <= ?") { statement in
            statement.bind(1, stamp)
            try statement.run()
        }
    }

    /// Lets hours be sealed again in which readings came late.
    func unseal(_ times: some Sequence<Instant>) throws {
        guard let end = try sealedUntil() else { return }
        var last: Int64?
        for time in times where time.milliseconds < end {
            let hour = StoreReader.hour(time.milliseconds)
            if hour != last { try due(hour) }
            last = hour
        }
    }

    /// Lets hours be sealed again in which other decisions of the counter rules take the place of those on record.
    func unsealLedger(_ point: Int64, in window: Window, with entries: [LedgerEntry]) throws {
        guard let end = try sealedUntil(), window.start.milliseconds < end else { return }
        let old = try ledger(ofPoint: point, in: window)
        try unseal(Set(old).symmetricDifference(entries).map(\.time).sorted())
    }

    private func sealedUntil() throws -> Int64? {
        if let known = state.sealedUntil { return known == .min ? nil : known }
        let noted = try integer("SELECT value FROM meta WHERE key = 'sealed_until'")
        state.sealedUntil = noted ?? .min
        return noted
    }

    private func due(_ hour: Int64) throws {
        let sql = "INSERT INTO seal_due (hour, stamp) VALUES (?, ?) ON CONFLICT DO UPDATE SET stamp = excluded.stamp"
        let stamp = try nextSealStamp()
        try with(sql) { statement in
            statement.bind(1, hour)
            statement.bind(2, stamp)
            try statement.run()
        }
    }

    /// Larger than all stamps before it. It is remembered, for the table has no index of stamps and a file of a year has
    /// thousands of hours.
    private func nextSealStamp() throws -> Int64 {
        let next = try state.nextSealStamp ?? (integer("SELECT max(stamp) FROM seal_due") ?? 0) + 1
        state.nextSealStamp = next + 1
        return next
    }
}
