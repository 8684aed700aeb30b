import Crypto
import Metering

/// Reads a configuration file into a checked plant, or into every fault that it has.
package enum PlantLoader {
    /// The report about the file at that path.
    ///
    /// Never throws: a file that is missing or unreadable is a fault like any other, at line 1, column 1.
    package static func load(path: String) -> PlantReport { load(path: path, builtIn: ProfileShelf.builtIn()) }

    /// The report about the file at that path, with the built-in profiles in those directories.
    static func load(path: String, builtIn: [String]) -> PlantReport {
        let log = FaultLog()
        var marks: [String: SourceMark] = [:]
        let plant = plant(at: path, ProfileShelf(beside: path, builtIn: builtIn, log: log), log, &marks)
        return PlantReport(plant: plant, faults: log.faults(startingWith: path), linkMarks: marks)
    }

    /// The names of the profiles that a configuration at that path can use.
    package static func profileNames(beside path: String) -> [String] {
        ProfileShelf(beside: path, builtIn: ProfileShelf.builtIn(), log: FaultLog()).names
    }

    private static func plant(
        at path: String, _ profiles: ProfileShelf, _ log: FaultLog, _ linkMarks: inout [String: SourceMark]
    ) -> Plant? {
        let source: SourceText
        do {
            source = try SourceFile.read(path)
        } catch {
            let place = SourceMark(SourceText(path: path, bytes: []), line: error.line, column: error.column)
            log.error(place, error.message)
            return nil
        }
        guard let root = YamlTree.read(source, log: log) else { return nil }
        guard let utc = SiteCalendar(identifier: "UTC") else {
            log.error(SourceMark(source, line: 1, column: 1), "this machine has no time zones: install tzdata")
            return nil
        }
        let reader = PlantReader(log: log, profiles: profiles, utc: utc)
        defer { linkMarks = reader.linkMarks }
        return reader.plant(root) { digest(source, profiles.used) }
    }

    /// SHA-256 over the configuration, and after it each profile by its file name and content.
    ///
    /// Without profiles it is what `sha256sum` says of the file.
    private static func digest(_ source: SourceText, _ profiles: [SourceText]) -> String {
        var hash = SHA256()
        hash.update(data: source.bytes)
        for profile in profiles.sorted(by: { $0.path < $1.path }) {
            let name = profile.path.split(separator: "/").last.map(String.init) ?? profile.path
            hash.update(data: Array("\n\(name) \(profile.bytes.count)\n".utf8))
            hash.update(data: profile.bytes)
        }
        return hash.finalize().map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
