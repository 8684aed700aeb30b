import ConfigurationSource
import Crypto
import Metering

/// A configuration as it was read, with everything that decides what it means: the file, its profiles, the zone's rules.
///
/// From these alone the same plant is made again, years later and on another machine (Rules 13).
package struct ConfigurationFiles: Sendable, Hashable {
    /// A profile by the name of its file.
    package struct Profile: Sendable, Hashable {
        package var name: String
        package var bytes: [UInt8]

        /// A profile's content.
        package init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    /// Where the main file stood.
    package var path: String
    /// The main file.
    package var main: [UInt8]
    /// The profiles that it used, by name.
    package var profiles: [Profile]
    /// The IANA name of the site's zone.
    package var zone: String
    /// The zone's changes as they were known (``SiteCalendar/rules``).
    package var zoneRules: String

    /// What was kept.
    package init(path: String, main: [UInt8], profiles: [Profile], zone: String, zoneRules: String) {
        self.path = path
        self.main = main
        self.profiles = profiles
        self.zone = zone
        self.zoneRules = zoneRules
    }

    init(_ source: SourceText, profiles: [SourceText], calendar: SiteCalendar) {
        self.init(
            path: source.path, main: source.bytes,
            profiles: profiles.map { profile in
                Profile(
                    name: profile.path.split(separator: "/").last.map(String.init) ?? profile.path,
                    bytes: profile.bytes)
            }.sorted { $0.name < $1.name },
            zone: calendar.identifier, zoneRules: calendar.rules)
    }

    /// SHA-256 over the configuration, and after it each profile by its file name and content, in lower-case hex.
    ///
    /// Without profiles it is what `sha256sum` says of the file.
    package var digest: String {
        var hash = SHA256()
        hash.update(data: main)
        for profile in profiles {
            hash.update(data: Array("\n\(profile.name) \(profile.bytes.count)\n".utf8))
            hash.update(data: profile.bytes)
        }
        return hash.finalize().hexadecimal
    }

    /// SHA-256 of the zone's rules, in lower-case hex.
    package var zoneDigest: String { ConfigurationFiles.digest(of: Array(zoneRules.utf8)) }

    /// SHA-256 of some bytes, in lower-case hex.
    package static func digest(of bytes: [UInt8]) -> String { SHA256.hash(data: bytes).hexadecimal }
}
