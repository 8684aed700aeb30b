import Evidence
import Foundation
import Metering
import Platform

/// What a check saw of each site, in a file of its own: whoever owns the register cannot turn that back as well.
package struct SeenSites: Sendable, Hashable {
    /// Why the file cannot be used, as a sentence.
    package struct Fault: Error, CustomStringConvertible {
        package let description: String
    }

    private struct Entry: Codable {
        var size: Int
        var root: String
        var at: Int64
    }

    /// By the site's name.
    package private(set) var sites: [String: SeenHead] = [:]

    /// Nothing was seen yet.
    package init() {}

    /// What the file at `path` says; nil where there is none.
    ///
    /// Throws a ``Fault`` where it cannot be read: to begin anew would forget all.
    package init?(_ path: String) throws(Fault) {
        guard access(path, F_OK) == 0 else { return nil }
        guard let data = FileManager.default.contents(atPath: path),
            let entries = try? JSONDecoder().decode([String: Entry].self, from: data)
        else {
            throw Fault(
                description: "\(path) does not say what was seen of the sites: put back the one of the last check, or "
                    + "move it away where that is known to be lost")
        }
        for (name, entry) in entries {
            guard let root = MerkleHash(base64: entry.root) else {
                throw Fault(description: "\(path) has no root of the journal of '\(name)'")
            }
            sites[name] = SeenHead(size: entry.size, root: root, at: Instant(milliseconds: entry.at))
        }
    }

    /// Takes what a check saw; of a site with an alarm what was seen before stands.
    package mutating func take(_ reports: [SiteReport], at now: Instant) {
        for report in reports where report.alarms.isEmpty && report.lines > 0 {
            sites[report.site] = SeenHead(size: report.lines, root: report.root, at: now)
        }
    }

    /// Brings it to the disk in the place of what was there.
    ///
    /// Throws a `DurableFile.Failure`.
    package func write(to path: String) throws {
        let entries = sites.mapValues { Entry(size: $0.size, root: $0.root.base64, at: $0.at.milliseconds) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try DurableFile.replace(path, with: try encoder.encode(entries) + [10])
    }
}
