import Conformity
import Metering
import Platform
import Salvage
import Storage

/// Takes over what can be read of a damaged database into a new one, and says so in its journal.
package enum SalvageRun {
    /// Reads the file or directory at `source` into a new database in `output`; throws a `StoreFault`.
    package static func run(
        _ source: String, output: String, now: Instant = Instant(milliseconds: WallClock.milliseconds())
    ) throws -> SalvageReport {
        try PlantStore.salvage(source, to: output) { writer, report in
            let head = try writer.journalHead()
            var chain = JournalChain(sequence: head.seq, hash: head.hash)
            let line = chain.append(
                JournalEntry(
                    "database.salvaged", at: now, [.init("path", .text(report.source))] + report.members))
            try writer.appendJournal([
                JournalRecord(seq: line.sequence, time: now, line: line.text, hash: line.hash)
            ])
        }
    }
}
