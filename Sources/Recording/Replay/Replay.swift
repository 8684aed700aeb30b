import Conformity
import Metering
import PlantConfiguration
import ReadingFiles
import Storage

/// Runs recorded readings through the same recorder as live operation, at full speed, with the readings' times as the clock.
///
/// The same recordings over the same database once more change nothing; a replay that was killed goes on where it stood.
package struct Replay {
    /// The plant whose rules apply.
    package var plant: Plant
    /// CSV files, gzip'd or not.
    package var files: [String]
    /// Whether a row that cannot be read is reported, and bad where its point and time can be read, and not the end.
    package var skipsBadRows: Bool

    /// Up to where the files reach, so that the windows until there close; nil: to the last reading.
    package var until: Instant?

    /// A replay of those files.
    package init(plant: Plant, files: [String], skipsBadRows: Bool = false, until: Instant? = nil) {
        self.until = until
        self.plant = plant
        self.files = files
        self.skipsBadRows = skipsBadRows
    }

    /// Opens each file and reads its header, before anything is made of the others.
    package func check() throws {
        let names = PointNames(plant)
        for file in files { _ = try ReadingFile(path: file, names: names, skipsBadRows: true) { _ in } }
    }

    /// Runs it into a store, which it must own, and closes what ends with the last reading.
    ///
    /// `report` is called with each row left out. `afterCommit` is called after each transaction: alerts can be written then.
    /// Throws ``ReadingFileFault`` and ``StoreFault``; what was recorded before stays.
    package func run(
        into store: PlantStore, report: @escaping (ReadingFileFault) -> Void, afterCommit: () throws -> Void = {}
    ) throws -> RecordingSummary {
        let names = PointNames(plant)
        let merge = ReadingMerge(
            try files.map { try ReadingFile(path: $0, names: names, skipsBadRows: skipsBadRows, report: report) })
        let recorder = Recorder(store: store, plant: plant, isLive: false)
        try recorder.start()
        var rows = 0
        while let readings = try merge.next() {
            rows += readings.count
            try recorder.record(readings)
            try afterCommit()
        }
        try recorder.finish(through: until)
        if recorder.summary.readings > 0 {
            let imported = JournalEntry.imported(
                at: .distantPast, files: files, configuration: plant.digest, readings: recorder.summary.readings)
            try recorder.note(imported, now: nil)
        }
        try afterCommit()
        var summary = recorder.summary
        summary.readings = rows
        return summary
    }
}
