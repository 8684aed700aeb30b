import Foundation
import Storage
import TestKit
import Testing

@testable import Commissioning

@Suite("What is said of a configuration")
struct ConfigurationCheckTests {
    private static let folder =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .path + "/PlantConfigurationTests/bad/line"

    @Test("names intervals that a line cannot carry, and what it can", arguments: ["fast", "same", "enough"])
    func saysWhatALineCarries(name: String) throws {
        let path = "\(Self.folder)/\(name)"
        let said = ConfigurationCheck.report(path + ".yaml").faults.map {
            $0.description.replacing(Self.folder + "/", with: "")
        }
        let expected = try String(contentsOfFile: path + ".expected", encoding: .utf8)
        #expect(said == expected.split(separator: "\n").map(String.init))
    }

    @Test("in paths means what is written, the same at each start", arguments: ["~/state", "$HOME/state", "state"])
    func pathsMeanTheSame(path: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("emsd.yaml", "site: {name: x, timezone: UTC}\nstorage: {directory: \(path)}\n")
        let report = ConfigurationCheck.report(folder.file("emsd.yaml"))
        let plant = try #require(report.plant)
        #expect(plant.storage.directory == FileManager.default.currentDirectoryPath + "/" + path)
        #expect(report.warnings.count == (path == "state" ? 0 : 1))
        for _ in 0..<2 {
            let store = try PlantStore(directory: folder.file(path), access: .owner(create: true, sync: .normal))
            try store.close()
        }
    }
}
