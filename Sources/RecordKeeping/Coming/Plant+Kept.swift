import PlantConfiguration
import Storage

extension ConfigurationFiles {
    private static let zoneName = "zone"

    /// The files as a store keeps them: the main file, the zone's rules, the profiles.
    package var kept: [KeptFile] {
        func file(_ name: String, _ bytes: [UInt8]) -> KeptFile {
            KeptFile(name: name, digest: ConfigurationFiles.digest(of: bytes), bytes: bytes)
        }
        return [file("configuration", main), file(ConfigurationFiles.zoneName, Array(zoneRules.utf8))]
            + profiles.map { file($0.name, $0.bytes) }
    }

    /// What a store keeps; nil where that is nothing.
    fileprivate init?(_ record: ConfigurationRecord, _ files: [KeptFile]) {
        guard files.count >= 2 else { return nil }
        self.init(
            path: record.path, main: files[0].bytes,
            profiles: files[2...].map { Profile(name: $0.name, bytes: $0.bytes) }, zone: record.zone,
            zoneRules: String(decoding: files[1].bytes, as: UTF8.self))
    }
}

extension Plant {
    /// The plant of a configuration that a store keeps, as it was; nil where this program no longer understands it.
    package init?(kept record: ConfigurationRecord, in reader: StoreReader) throws {
        guard let files = ConfigurationFiles(record, try reader.files(ofVersion: record.version)),
            let plant = PlantLoader.load(kept: files).plant
        else { return nil }
        self = plant
    }
}
