import Conformity
import DatabaseFile
import Foundation
import Indicators
import Metering
import PlantConfiguration
import RecordKit
import Storage
import Testing

@testable import Recording

/// Records that programs before the present schema made of one day's readings, with a replay of late ones after it; that of
/// schema 3 is one of schema 2 brought up by the migration, with the evidence that its program kept.
@Suite("Records of earlier versions")
struct OlderRecordTests {
    private static let schemas = [1, 2, 3]
    private static let configuration = """
        site: {name: Works of an earlier release, timezone: Europe/Stockholm}
        links: {l: {transport: tcp, host: 127.0.0.1, port: 1502}}
        meters:
          m:
            link: l
            unit: 1
            interval: 5m
            points:
              p: {kind: gauge, unit: kW, register: input 0, type: float32}
              e: {kind: counter, unit: kWh, register: input 2, type: float32, max_rate: 500}
        indicators:
          a: {window: 15m, unit: kW, formula: mean(m.p)}
          energy: {window: 1h, unit: kWh, formula: delta(m.e)}
        objectives:
          peak: {title: Peak load, indicator: a, max: 50, for: 2, clear_after: 2, severity: major}
          limited: {indicator: energy, max: 1000}
        """

    private func inRecord(_ schema: Int, _ body: (_ directory: String, Plant) throws -> Void) throws {
        try FinalRecord.inDirectory { directory in
            let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures"
            try FileManager.default.createDirectory(atPath: directory + "/db", withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: fixtures + "/schema-\(schema)-plant.db", toPath: directory + "/db/emsd.db")
            try body(directory, FinalRecord.plant(Self.configuration, in: directory))
        }
    }

    private func versions(_ store: PlantStore) throws -> Set<Int?> {
        try store.read { reader in
            var found: Set<Int?> = []
            for index in 0..<2 { try reader.versionedValues(index) { found.insert($1) } }
            for nonconformity in try reader.nonconformities() { found.insert(nonconformity.version) }
            return found
        }
    }

    @Test("one is opened, keeps all it has, says that its rules are unknown, and goes on", arguments: schemas)
    func opened(_ schema: Int) throws {
        try inRecord(schema) { directory, plant in
            let store = try PlantStore(directory: directory + "/db", access: .owner(create: false, sync: .normal))
            #expect(store.opening == StoreOpening())
            #expect(try store.read { try $0.configurationInForce() == nil })
            let before = try FinalRecord.lines(store, plant)
            #expect(before.count { $0.hasPrefix("a ") } == 95 && before.count { $0.contains("evidence") } > 18)
            #expect(try versions(store) == [nil])
            let recorder = Recorder(store: store, plant: plant, isLive: false)
            try recorder.start()
            #expect(try FinalRecord.lines(store, plant) == before)
            var journal: [String] = []
            try store.read { try $0.journal { journal.append($0.line) } }
            #expect(journal.count { $0.contains("\"type\":\"configuration\"") } == 1)
            #expect(
                journal.last?.contains("\"version\":1") == true
                    && journal.last?.contains("\"before\":\"unknown\"") == true)
            // It goes on by a configuration that is known.
            let newest = try #require(try store.read { try $0.newestTimes() }.compactMap { $0 }.max())
            try recorder.record((1...12).map { Reading(0, newest + $0 * 300_000, 20) })
            try recorder.finish()
            #expect(try versions(store) == [nil, 1])
            #expect(try FinalRecord.lines(store, plant).filter(before.contains).count == before.count)
            try store.close()
        }
    }

    @Test("a late reading makes a revision in one also where nobody knows the rules of that time", arguments: schemas)
    func revised(_ schema: Int) throws {
        try inRecord(schema) { directory, plant in
            let store = try PlantStore(directory: directory + "/db", access: .owner(create: false, sync: .normal))
            let recorder = Recorder(store: store, plant: plant, isLive: false)
            try recorder.start()
            let start = try #require(try store.read { try $0.recordStart() })
            try recorder.record([Reading(0, start + 1_000_000, 500)])
            try recorder.finish()
            let first = try store.read { try $0.value(0, Window(start: start + 900_000, end: start + 1_800_000)) }
            #expect(first?.revision == 2 && first?.flags.contains(.revised) == true && first?.value ?? 0 > 100)
            try store.close()
        }
    }
}
