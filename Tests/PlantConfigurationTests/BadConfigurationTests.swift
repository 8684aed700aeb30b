import Foundation
import TestKit
import Testing

@testable import PlantConfiguration

@Suite("Faulty configurations")
struct BadConfigurationTests {
    @Test("each says exactly what is wrong with it, and where", arguments: Files.names(in: Files.bad, ending: ".yaml"))
    func saysExactlyWhatIsWrong(name: String) throws {
        let report = PlantLoader.load(path: "\(Files.bad)/\(name).yaml", builtIn: [])
        let said = report.faults.map {
            $0.description.replacingOccurrences(of: Files.bad + "/", with: "")
                .replacingOccurrences(of: FileManager.default.currentDirectoryPath + "/", with: "")
        }
        let expected = try String(contentsOfFile: "\(Files.bad)/\(name).expected", encoding: .utf8)
        #expect(said == expected.split(separator: "\n").map(String.init))
    }

    @Test("has no plant when there is an error, and one when there are only warnings")
    func hasNoPlantWithErrors() {
        let faulty = PlantLoader.load(path: "\(Files.bad)/link-values.yaml", builtIn: [])
        #expect(faulty.plant == nil)
        #expect(faulty.errors.count == faulty.faults.count)
        let doubtful = PlantLoader.load(path: "\(Files.bad)/warn-unit-twice.yaml", builtIn: [])
        #expect(doubtful.plant != nil)
        #expect(doubtful.warnings.count == 1)
    }

    @Test("a file that is missing, a directory or not readable is one clear fault")
    func refusesWhatIsNoFile() throws {
        let missing = PlantLoader.load(path: "/nowhere/emsd.yaml")
        #expect(
            missing.faults.map(\.description) == [
                "/nowhere/emsd.yaml:1:1: error: cannot open the file: there is no such file"
            ])
        let directory = PlantLoader.load(path: "/tmp")
        #expect(directory.faults.map(\.description) == ["/tmp:1:1: error: is a directory, not a configuration file"])
        let endless = PlantLoader.load(path: "/dev/zero")
        #expect(
            endless.faults.map(\.description) == [
                "/dev/zero:1:1: error: the file is larger than 16 MB, which no configuration is"
            ])
    }

    @Test("tens of thousands of levels neither crash nor take long", arguments: ["[", "{a: ", "- ", "? "])
    func survivesDeepNesting(opening: String) throws {
        let report = try Files.report(String(repeating: opening, count: 50_000))
        #expect(report.plant == nil)
        #expect(report.faults.count == 1)
    }

    @Test("a formula nested a hundred thousand times is a fault in its column")
    func survivesDeepFormulas() throws {
        let report = try Files.report(
            """
            site: {name: Works, timezone: UTC}
            meters: {a: {interval: 1m, points: {p: {kind: gauge}}}}
            indicators: {x: {window: 1h, formula: "\(String(repeating: "(", count: 150))"}}
            """)
        #expect(report.errors.map(\.message) == ["the formula is nested too deeply"])
        #expect(report.errors.map(\.line) == [3])
    }

    @Test(
        "no damage to the shipped configuration makes it crash, and none is taken silently with an error in the structure"
    )
    func survivesDamage() throws {
        let text = try String(contentsOfFile: Files.configuration + "/emsd.yaml", encoding: .utf8)
        let original = Array(text.utf8)
        var numbers = SeededNumbers(seed: 1)
        let pieces = [
            "{", "}", "[", "]", ":", ",", "&a ", "*a", "\n", "\t", "'", "\"", "|", ">", "-", "0x", "9e999", "<<: ", "!",
            "\u{85}",
        ]
        var refused = 0
        for _ in 0..<300 {
            var bytes = original
            for _ in 0...numbers.below(3) {
                let place = numbers.below(bytes.count)
                switch numbers.below(3) {
                case 0: bytes.removeSubrange(place..<min(bytes.count, place + 1 + numbers.below(40)))
                case 1: bytes.insert(contentsOf: Array(pieces[numbers.below(pieces.count)].utf8), at: place)
                default: bytes[place] = UInt8(numbers.below(256))
                }
            }
            let report = try Files.report(String(decoding: bytes, as: UTF8.self))
            #expect((report.plant == nil) == !report.errors.isEmpty)
            refused += report.plant == nil ? 1 : 0
        }
        #expect(refused > 100)
    }
}
