import Alerting
import Commissioning
import Foundation
import Metering
import PlantAPI
import PlantConfiguration
import Platform
import ReadingFiles
import RecordKeeping
import Recording
import Storage

/// `emsd replay` as a whole: recorded readings into a database like the daemon's, with its alert files.
///
/// ```
/// let replay = ReplayRun(configuration: "emsd.yaml", readings: ["november.csv.gz"], database: "replayed", alertsHere: true)
/// let summary = try replay.run(report: StandardStreams.complain)
/// ```
package struct ReplayRun {
    /// The configuration's path.
    package var configuration: String
    /// CSV files, gzip'd or not.
    package var readings: [String]
    /// The directory of the database.
    package var database: String
    /// Whether the alert files stand in the database's directory, and not where the configuration says.
    package var alertsHere: Bool
    /// Whether rows that cannot be read are said, and are bad readings where their point and time can be read.
    package var skipsBadRows: Bool
    /// Up to where the files reach, written like `--since`; nil: to the last reading.
    package var until: String?

    /// A replay.
    package init(
        configuration: String, readings: [String], database: String, alertsHere: Bool = false,
        skipsBadRows: Bool = false, until: String? = nil
    ) {
        self.until = until
        self.configuration = configuration
        self.readings = readings
        self.database = AbsolutePath.of(database)
        self.alertsHere = alertsHere
        self.skipsBadRows = skipsBadRows
    }

    /// Runs it; rows left out are handed to `report`, and `progress` is told how many rows were taken and how much of the
    /// files that is.
    ///
    /// Throws a ``ConfigurationRefusal``, a `StoreFault`, or a ``CommandError``: 65 for a row, 74 for a file that cannot
    /// be read, 73 for alert files
    /// that cannot be written (all is recorded then, and their lines wait in the database).
    package func run(
        report: @escaping (String) -> Void, progress: (Int, Double?) -> Void = { _, _ in }
    ) throws -> RecordingSummary {
        let plant = try ConfigurationCheck.load(configuration, warn: report)
        let until = try until.map {
            try TimeBound.instant(
                $0, option: "--until", now: Instant(milliseconds: WallClock.milliseconds()),
                calendar: plant.plan.calendar)
        }
        if let until, !Instant.recordable.contains(until) {
            throw CommandError(.usage, "--until '\(until.text)' is not in the years 1970 to 2100")
        }
        let store = try PlantStore(directory: database, access: .owner(create: true, sync: .normal))
        if let aside = store.opening.setAside {
            report("the database was damaged and stands aside as \(aside); a new one was begun")
        }
        let coming = ComingIntoForce(store: store, plant: plant, load: ConfigurationLoad(.replay), isLive: false)
        _ = try coming.run(now: nil)
        let path = AbsolutePath.of(configuration)
        try store.write { try PlantSummary(plant, configuration: path).keep(in: $0) }
        let alerts = try AlertWriter(outbox: store, files: alertsHere ? files(of: plant) : plant.alerts)
        var faults: [AlertFileFault] = []
        do {
            let replay = Replay(plant: plant, files: readings, skipsBadRows: skipsBadRows, until: until)
            let summary = try replay.run(
                into: store, report: { report($0.description) }, afterCommit: { faults = alerts.deliver().faults },
                progress: progress)
            try store.close()
            if let fault = faults.first { throw CommandError(.cannotCreate, fault.description) }
            return summary
        } catch let fault as ReadingFileFault {
            try? store.close()
            throw CommandError(fault.isInput ? .badInput : .inputOutput, fault.description)
        }
    }

    private func files(of plant: Plant) -> [Plant.AlertDestination] {
        var used: Set<String> = []
        return plant.alerts.map { file in
            var here = file
            let name = file.path.split(separator: "/").last.map(String.init) ?? "alerts"
            let isFree = used.insert(name).inserted
            here.path = database + "/" + (isFree ? name : file.path.split(separator: "/").joined(separator: "-"))
            return here
        }
    }
}
