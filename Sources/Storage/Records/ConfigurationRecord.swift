import DatabaseFile
import Metering
import ReadingCodec

/// A configuration that came into force, as the database keeps it for ever (Rules 13).
package struct ConfigurationRecord: Sendable, Hashable {
    /// 1 for the first that the database knows, growing by one with each that comes into force, also where one comes
    /// back; what it made carries this number.
    package var version: Int
    /// SHA-256 of the configuration with its profiles, lower-case hex.
    package var digest: String
    /// The IANA name of the site's zone.
    package var zone: String
    /// SHA-256 of the zone's rules as they were known, lower-case hex.
    package var zoneDigest: String
    /// Where it stood.
    package var path: String
    /// What ended at or before this instant is its predecessor's.
    package var since: Instant
    /// Who loaded it.
    package var who: String
    /// Why.
    package var reason: String?

    /// A configuration; the store gives the version.
    package init(
        version: Int = 0, digest: String, zone: String, zoneDigest: String, path: String, since: Instant, who: String,
        reason: String? = nil
    ) {
        self.version = version
        self.digest = digest
        self.zone = zone
        self.zoneDigest = zoneDigest
        self.path = path
        self.since = since
        self.who = who
        self.reason = reason
    }

    /// Whether the two mean the same: the files and the zone's rules.
    package func isSame(as other: ConfigurationRecord) -> Bool {
        digest == other.digest && zone == other.zone && zoneDigest == other.zoneDigest
    }
}

/// A file that is kept with a configuration.
package struct KeptFile: Sendable, Hashable {
    /// Its name, or what it stands for.
    package var name: String
    /// SHA-256 of its bytes, lower-case hex: the same file is kept once.
    package var digest: String
    package var bytes: [UInt8]
    /// The same compressed, where that was done beforehand (``pack()``).
    package var packed: [UInt8]?

    /// A file with its digest.
    package init(name: String, digest: String, bytes: [UInt8]) {
        self.name = name
        self.digest = digest
        self.bytes = bytes
    }

    /// Compresses it before it is kept: that takes tens of milliseconds, for which no transaction should wait.
    package mutating func pack() throws {
        var packed: [UInt8] = []
        let press = ZstdPress(level: 19)
        let isPacked = bytes.withUnsafeBytes { press.compress($0, cuts: [$0.count], appendingTo: &packed) }
        guard isPacked else { throw StoreFault(.io, "the file \(name) cannot be compressed") }
        self.packed = packed
    }
}

/// What is known under another name from a version on.
package struct Renaming: Sendable, Hashable {
    /// What was renamed.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case meter, point, indicator, objective
    }

    package var kind: Kind
    package var old: String
    package var new: String

    /// From one name to another; a point by its full name.
    package init(_ kind: Kind, from old: String, to new: String) {
        self.kind = kind
        self.old = old
        self.new = new
    }
}

extension [Renaming] {
    /// What something is called after all of these, in their order.
    package func present(_ kind: Renaming.Kind, _ name: String) -> String {
        reduce(name) { $1.kind == kind && $1.old == $0 ? $1.new : $0 }
    }

    /// By present name, what things were called before all of these; what got a freed name since is told apart by a blank.
    package func former(_ kind: Renaming.Kind) -> [String: String] {
        reversed().reduce(into: [:]) { names, renaming in
            guard renaming.kind == kind else { return }
            let present = names.first { $0.value == renaming.new }?.key ?? renaming.new
            let later = names.first { $0.value == renaming.old }?.key ?? renaming.old
            if later != present { names[later] = renaming.old + " later" }
            names[present] = renaming.old
        }
    }
}

/// Until when a definition of something was in force, of those that another has replaced.
package struct DefinitionEnd: Sendable, Hashable {
    /// What ended.
    package enum Kind: String, Sendable, Hashable {
        /// The counter rules of a point: readings up to the end were judged by them.
        case counter
        /// The scale of a point's register: values up to the end were made with it.
        case scale
        /// An indicator's windows: the end of the last one; the distant past where it closed none.
        case indicator
        /// An objective's demand: windows that end at or before the end were judged by it.
        case objective
        /// An objective, or its indicator, was taken out: what lasted ended.
        case withdrawn
    }

    package var kind: Kind
    /// The database's number of the point, indicator or objective.
    package var thing: Int64
    /// The last version that had the definition.
    package var version: Int
    package var end: Instant

    /// The end of a definition.
    package init(_ kind: Kind, _ thing: Int64, version: Int, end: Instant) {
        self.kind = kind
        self.thing = thing
        self.version = version
        self.end = end
    }
}
