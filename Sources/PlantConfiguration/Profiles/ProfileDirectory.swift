import ConfigurationSource
import Foundation

/// A device profile: the points that every meter of a kind has.
package struct Profile {
    package var name: String
    /// The keys beside the points that a meter takes over unless it has its own: `valid_when`, `max_registers` and so on.
    package var keys: [YamlEntry]
    package var points: [YamlEntry]
}

/// Where profiles are found: `profiles` beside the configuration first, then the built-in ones.
///
/// Built-in ones lie in `$EMSD_PROFILES`, in `share/emsd/profiles` of the prefix that the program is installed under, or, where
/// it was built and not installed, in `config/profiles` of a directory above it or of the working directory.
final class ProfileDirectory {
    /// Searched in this order.
    let directories: [String]
    private let log: FaultLog
    private var read: [String: Profile?] = [:]
    /// By the name of the file; nil: they are looked for in the directories.
    private var kept: [String: [UInt8]]?
    /// The files that were used, in the order of their first use.
    private(set) var used: [SourceText] = []
    private var isEmptySaid = false

    /// The shelf for a configuration at that path.
    init(beside path: String, builtIn: [String], log: FaultLog) {
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { String(path[...$0]) } ?? ""
        directories = [directory + "profiles"] + builtIn
        self.log = log
    }

    /// The shelf of a configuration that was kept: no other profiles than those kept with it.
    init(kept: [ConfigurationFiles.Profile], log: FaultLog) {
        directories = []
        self.log = log
        self.kept = Dictionary(kept.map { ($0.name, $0.bytes) }, uniquingKeysWith: { first, _ in first })
    }

    /// Where the profiles that come with the program may be.
    static func builtIn() -> [String] {
        var found: [String] = []
        if let given = ProcessInfo.processInfo.environment["EMSD_PROFILES"], !given.isEmpty { found.append(given) }
        if let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            var directory = URL(fileURLWithPath: program).deletingLastPathComponent()
            found.append(directory.deletingLastPathComponent().path + "/share/emsd/profiles")
            while directory.path != "/" {
                let candidate = directory.appendingPathComponent("config/profiles").path
                if FileManager.default.fileExists(atPath: candidate) { found.append(candidate) }
                directory.deleteLastPathComponent()
            }
        }
        found.append("config/profiles")
        return found
    }

    /// The profile that a meter names; what is wrong with the name is said at its place, what is wrong in the file there.
    func profile(_ field: Field) -> Profile? {
        guard let name = field.name("the name of a profile") else { return nil }
        if let known = read[name] { return known }
        if name.contains("/") || name.contains(".") {
            field.error("'profile' takes the name of a profile such as eastron-sdm630, not '\(name.prefix(60))'")
            return nil
        }
        if let bytes = kept?[name + ".yaml"] {
            let profile = profile(in: SourceText(path: name + ".yaml", bytes: bytes), name)
            read[name] = .some(profile)
            return profile
        }
        for directory in directories where ProfileDirectory.isName(name) {
            let path = "\(directory)/\(name).yaml"
            guard FileManager.default.fileExists(atPath: path) else { continue }
            let profile = read(path, name)
            read[name] = .some(profile)
            return profile
        }
        // Two hundred meters of a kind are one fault.
        read[name] = .some(nil)
        if isEmptySaid { return nil }
        let known = names
        isEmptySaid = known.isEmpty
        let given = ProcessInfo.processInfo.environment["EMSD_PROFILES"] ?? ""
        let isAsked = directories.contains(given) && !FileManager.default.fileExists(atPath: given)
        let variable = isAsked ? "; EMSD_PROFILES is \(given), where there is no folder" : ""
        if known.isEmpty {
            field.error(
                "unknown profile '\(name.prefix(60))': there are no profiles in any of the folders looked in "
                    + "(\(directories.joined(separator: ", "))): set EMSD_PROFILES to the folder that has them\(variable)"
            )
            return nil
        }
        let places = directories.filter { FileManager.default.fileExists(atPath: $0) }
        field.error(
            "unknown profile '\(name.prefix(60))': not in \(places.joined(separator: ", "))"
                + ProfileName.hint(for: name, among: known) + variable)
        return nil
    }

    /// Letters of file names only: a name is no path.
    private static func isName(_ name: String) -> Bool {
        name.utf8.allSatisfy {
            (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
        }
    }

    /// The names of all profiles that there are.
    var names: [String] {
        var names: Set<String> = []
        for directory in directories {
            for file in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
            where file.hasSuffix(".yaml") {
                names.insert(String(file.dropLast(5)))
            }
        }
        return names.sorted()
    }

    private func read(_ path: String, _ name: String) -> Profile? {
        let source: SourceText
        do {
            source = try SourceFile.read(path)
        } catch {
            let nowhere = SourceText(path: path, bytes: [])
            log.error(SourceMark(nowhere, line: error.line, column: error.column), error.message)
            return nil
        }
        return profile(in: source, name)
    }

    private func profile(in source: SourceText, _ name: String) -> Profile? {
        used.append(source)
        guard let root = YamlTree.read(source, log: log) else { return nil }
        guard case .mapping(let entries) = root.content else {
            log.error(root.mark, "a profile is a section of keys such as title and points, not \(root.summary)")
            return nil
        }
        let start = SourceMark(source, line: 1, column: 1)
        let section = Section(entries, name: "profile '\(name)'", mark: start, log: log)
        _ = section.field("title")?.text()
        for key in ["sources", "unverified"] { for item in section.field(key)?.oneOrMore() ?? [] { _ = item.text() } }
        let meterKeys: Set<String> = ["valid_when", "max_registers", "bridge_holes", "sunspec"]
        for key in meterKeys { _ = section.field(key) }
        let points = section.required("points")?.named("point")
        section.close()
        guard let points else { return nil }
        let valid = Set(points.map(\.name))
        guard case .mapping(let pointEntries)? = entries.first(where: { $0.key == "points" })?.value.content else {
            return nil
        }
        return Profile(
            name: name, keys: entries.filter { meterKeys.contains($0.key) },
            points: pointEntries.filter { valid.contains($0.key) })
    }
}
