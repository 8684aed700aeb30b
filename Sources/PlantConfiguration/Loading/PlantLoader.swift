import ConfigurationSource
import Metering

/// Reads a configuration file into a checked plant, or into every fault that it has.
///
/// ```
/// let report = PlantLoader.load(path: "/etc/emsd/emsd.yaml")
/// for fault in report.faults { print(fault) }
/// guard let plant = report.plant else { return }
/// ```
package enum PlantLoader {
    /// The report about the file at that path.
    ///
    /// Never throws: a file that is missing or unreadable is a fault like any other, at line 1, column 1.
    package static func load(path: String) -> PlantReport { load(path: path, builtIn: ProfileDirectory.builtIn()) }

    /// The report about the file at that path, with the built-in profiles in those directories.
    package static func load(path: String, builtIn: [String]) -> PlantReport {
        let log = FaultLog()
        var marks: [String: SourceMark] = [:]
        let plant = plant(at: path, ProfileDirectory(beside: path, builtIn: builtIn, log: log), log, &marks)
        return PlantReport(plant: plant, faults: log.faults(startingWith: path), linkMarks: marks)
    }

    private static func plant(
        at path: String, _ profiles: ProfileDirectory, _ log: FaultLog, _ linkMarks: inout [String: SourceMark]
    ) -> Plant? {
        let source: SourceText
        do {
            source = try SourceFile.read(path)
        } catch {
            let place = SourceMark(SourceText(path: path, bytes: []), line: error.line, column: error.column)
            log.error(place, error.message)
            return nil
        }
        return plant(from: source, profiles, keptZone: nil, log, &linkMarks)
    }

    private static func plant(
        from source: SourceText, _ profiles: ProfileDirectory, keptZone: (name: String, rules: String)?,
        _ log: FaultLog,
        _ linkMarks: inout [String: SourceMark]
    ) -> Plant? {
        guard let root = YamlTree.read(source, log: log) else { return nil }
        guard let utc = SiteCalendar(identifier: "UTC") else {
            log.error(SourceMark(source, line: 1, column: 1), "this machine has no time zones: install tzdata")
            return nil
        }
        let reader = PlantReader(log: log, profiles: profiles, utc: utc, keptZone: keptZone)
        defer { linkMarks = reader.linkMarks }
        return reader.plant(root) { calendar in
            ConfigurationFiles(source, profiles: profiles.used, calendar: calendar)
        }
    }

    /// The report about a kept configuration to which the definitions of another file are added, each in the place of one of
    /// the same name; and the names of the objectives in that file. A file with a `site` is a configuration of its own.
    package static func load(
        kept: ConfigurationFiles, adding bytes: [UInt8], from path: String
    ) -> (report: PlantReport, objectives: [String]) {
        let log = FaultLog()
        let shelf = ProfileDirectory(kept: kept.profiles, log: log)
        let source = SourceText(path: kept.path, bytes: kept.main)
        let added = SourceText(path: path, bytes: bytes)
        var marks: [String: SourceMark] = [:]
        var plant: Plant?
        var objectives: [String] = []
        if let extra = YamlTree.read(added, log: log), var root = YamlTree.read(source, log: log),
            let utc = SiteCalendar(identifier: "UTC")
        {
            if case .mapping(let entries) = extra.content, entries.contains(where: { $0.key == "site" }) {
                root = extra
            } else {
                root.add(extra, log)
            }
            objectives = extra.names(under: "objectives")
            let reader = PlantReader(log: log, profiles: shelf, utc: utc, keptZone: (kept.zone, kept.zoneRules))
            plant = reader.plant(root) { _ in kept }
            marks = reader.linkMarks
        }
        let report = PlantReport(plant: plant, faults: log.faults(startingWith: path), linkMarks: marks)
        return (report, objectives)
    }

    /// The report about a configuration that was kept, with the zone's rules of its time.
    package static func load(kept: ConfigurationFiles) -> PlantReport {
        let log = FaultLog()
        let source = SourceText(path: kept.path, bytes: kept.main)
        let shelf = ProfileDirectory(kept: kept.profiles, log: log)
        var marks: [String: SourceMark] = [:]
        let plant = plant(from: source, shelf, keptZone: (kept.zone, kept.zoneRules), log, &marks)
        return PlantReport(plant: plant, faults: log.faults(startingWith: kept.path), linkMarks: marks)
    }
}
