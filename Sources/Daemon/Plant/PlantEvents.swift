import Acquisition
import Conformity
import DatabaseFile
import Listings
import Metering
import Modbus
import PlantAPI
import RecordKeeping
import Recording
import Salvage
import Storage

extension JournalEntry {
    /// The daemon started on a configuration.
    static func started(digest: String) -> JournalEntry {
        JournalEntry(
            "daemon.started", at: .distantPast,
            [.init("version", .text(ProgramVersion.text)), .init("configuration", .text(digest))])
    }

    /// The daemon stops as it was told to.
    static var stopped: JournalEntry { JournalEntry("daemon.stopped", at: .distantPast) }
}

extension RecordedAlert {
    /// The database was damaged, so that a new one goes on.
    init(damaged aside: String, _ opening: StoreOpening, _ report: SalvageReport?) {
        let rest =
            report.map { "with what could be read of it (\($0.briefly)); older readings follow" }
            ?? "without what was before (\(opening.salvageFault ?? "nothing could be read"))"
        self.init(
            .databaseSetAside, .major,
            details: [.init("path", .text(aside)), .init("damage", .text(opening.damage))]
                + (report?.journalMembers ?? []),
            message: "The database was damaged and stands aside as \(aside); a new one goes on recording, \(rest): "
                + "keep that file")
    }

    /// Something of the record is missing, or its files lost their names.
    init(lost loss: String) {
        self.init(
            AlertEvent(rawValue: "database_lost"), .critical, details: [.init("loss", .text(loss))], message: loss)
    }

    /// All that could be read of the damaged database is part of the new one.
    init(salvaged report: SalvageReport) {
        self.init(
            .databaseSalvaged, report.isWhole ? .info : .warning,
            details: [.init("path", .text(report.source))] + report.members,
            message: "What could be read of \(report.source) is part of the record again: \(report.briefly)")
    }

    static var started: RecordedAlert { RecordedAlert(.started, .info, message: "emsd \(ProgramVersion.text) started") }

    static var stopped: RecordedAlert { RecordedAlert(.stopped, .info, message: "emsd \(ProgramVersion.text) stopped") }
}
