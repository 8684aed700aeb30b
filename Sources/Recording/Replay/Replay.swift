import Conformity
import Metering
import PlantConfiguration
import ReadingFiles
import RecordKeeping
import Storage

/// Runs recorded readings through the same recorder as live operation, at full speed, with the readings' times as the clock.
///
/// The same recordings over the same database once more change nothing; a replay that was killed goes on where it stood.
///
/// ```
/// let summary = try Replay(plant: plant, files: ["2026-10.csv.gz"]).run(into: store) { complain($0) }
/// ```
package struct Replay {
    /// The plant whose rules apply.
    package var plant: Plant
    /// CSV files, gzip'd or not.
    package var files: [String]
    /// Whether a row that cannot be read is reported, and bad where its point and time can be read, and not the end.
    package var skipsBadRows: Bool

    /// Up to where the files reach, so that the windows until there close; nil: to the last reading.
    package var until: Instant?
    /// How the files are written.
    package var form: ReadingForm
    /// Who imports them and why; nil where nobody in particular does.
    package var account: ImportAccount?

    /// A replay of those files.
    package init(
        plant: Plant, files: [String], form: ReadingForm = ReadingForm(), skipsBadRows: Bool = false,
        until: Instant? = nil,
        account: ImportAccount? = nil
    ) {
        self.form = form
        self.account = account
        self.until = until
        self.plant = plant
        self.files = files
        self.skipsBadRows = skipsBadRows
    }

    /// Runs it into a store, which it must own, and closes what ends with the last reading.
    ///
    /// `report` is called with each row left out. `afterCommit` is called after each transaction: alerts can be written then.
    /// `progress` is told now and then how many rows were taken, and how much of the files that is, where it is known.
    /// Throws ``ReadingFileFault`` and ``StoreFault``; what was recorded before stays.
    package func run(
        into store: PlantStore, report: @escaping (ReadingFileFault) -> Void, afterCommit: () throws -> Void = {},
        progress: (Int, Double?) -> Void = { _, _ in }
    ) throws -> RecordingSummary {
        let names = PointNames(plant)
        let merge = ReadingMerge(
            try files.map {
                try ReadingFile(path: $0, form: form, names: names, skipsBadRows: skipsBadRows, report: report)
            })
        let recorder = Recorder(store: store, plant: plant, isLive: false)
        try recorder.start()
        var rows = 0
        while let readings = try merge.next() {
            rows += readings.count
            try recorder.record(readings)
            try afterCommit()
            progress(rows, merge.share)
        }
        try recorder.finish(through: until)
        if recorder.summary.readings > 0 {
            let imported = JournalEntry.imported(
                at: .distantPast, files: files, configuration: plant.digest, readings: recorder.summary.readings,
                account)
            try recorder.note(imported, now: nil)
        }
        try afterCommit()
        var summary = recorder.summary
        summary.readings = rows
        return summary
    }
}
