import Foundation

/// The profiles that come with emsd, by name and title.
package enum BuiltInProfiles {
    /// All of them, in the order of their names.
    package static var titles: [(name: String, title: String)] {
        var found: [String: String] = [:]
        for directory in ProfileDirectory.builtIn().reversed() {
            for file in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
            where file.hasSuffix(".yaml") {
                let text = (try? String(contentsOfFile: directory + "/" + file, encoding: .utf8)) ?? ""
                let title = text.split(separator: "\n").first { $0.hasPrefix("title:") }?.dropFirst(6) ?? ""
                found[String(file.dropLast(5))] = title.trimmingCharacters(in: .whitespaces)
            }
        }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
