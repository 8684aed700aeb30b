import Conformity
import Evidence
import Metering
import Storage

/// Seals days of a record as the daemon does.
enum SealedWorks {
    /// Seals each day that is over at an instant, or in which something changed since.
    static func seal(_ store: PlantStore, now: Instant) throws {
        let sealer = DaySealer(store, calendar: SiteCalendar(identifier: "Europe/Stockholm")!)
        try sealer.expire(now: now)
        try sealer.run { seal, also in
            try store.write { writer in
                let head = try writer.journalHead()
                var chain = JournalChain(sequence: head.seq, hash: head.hash)
                let line = chain.append(seal.entry(at: now))
                try writer.appendJournal([
                    JournalRecord(seq: line.sequence, time: now, line: line.text, hash: line.hash)
                ])
                try also(writer)
            }
        }
    }
}
