import Conformity
import Foundation
import Metering
import TestKit
import Testing

@testable import Storage

@Suite("The power is cut")
struct PowerCutTests {
    private static let rule = SealingRule(readingsOfPoint: 20)

    /// What the writer does to the disk over so many steps: opened three times, sealed, tidied, brought from the log
    /// into the file, with the log begun anew.
    private static func record(sync: PlantStore.Sync, steps: Int) throws -> [DiskEvent] {
        let directory = try TemporaryFolder()
        let disk = WatchedDisk(directory.path)
        var script = try PlantScript()
        for part in 0..<3 {
            let store = try directory.store(sync: sync, sealing: rule)
            for step in 0..<steps {
                disk.note(.begun(script.steps + 1))
                try script.write(to: store)
                if sync == .full { disk.note(.promised(script.steps)) }
                if sync == .normal, step % 7 == 6 {
                    store.flush()
                    // The log is brought to the disk beside SQLite.
                    disk.note(.sync("emsd.db-wal"))
                    disk.note(.promised(script.steps))
                }
                if step % 31 == 30 { _ = try store.tidy(now: at(Int64(script.steps) * 1000), chunks: 8) }
                if step % 47 == 46 { try store.connection.maintain { _ = try $0.checkpoint(.passive) } }
            }
            if part < 2 {
                try store.close()
                disk.note(.promised(script.steps))
            }
        }
        return disk.end()
    }

    @Test(
        "and the database opens, its chain verifies, nothing promised is lost, and no reading is there twice",
        arguments: [PlantStore.Sync.normal, .full])
    func cut(_ sync: PlantStore.Sync) throws {
        let events = try PowerCutTests.record(sync: sync, steps: 70)
        #expect(events.count > 1000)
        let rounds = Soak.seeds ?? 1
        for seed in 0..<UInt64(rounds) {
            var random = SeededNumbers(seed: seed &* 2 &+ (sync == .full ? 1 : 0))
            var cuts = Set<Int>()
            while cuts.count < (Soak.seeds == nil ? 60 : 300) {
                cuts.insert(Int.random(in: 0...events.count, using: &random))
            }
            var disk = CutDisk()
            for (index, event) in events.enumerated() {
                if cuts.contains(index) { try check(disk, &random, sync, "seed \(seed), cut before event \(index)") }
                disk.take(event)
            }
        }
    }

    @Test("a disk that says synced and is not would be found out")
    func lyingDisk() throws {
        let events = try PowerCutTests.record(sync: .full, steps: 20).filter { event in
            if case .sync("emsd.db-wal") = event { false } else { true }
        }
        var random = SeededNumbers(seed: 7)
        var disk = CutDisk()
        var found = 0
        for (index, event) in events.enumerated() {
            disk.take(event)
            guard index % 50 == 49 else { continue }
            // Damage that the opening does not look for is an error where it is read.
            guard let (store, directory) = try? open(disk.files(&random), sync: .full) else {
                found += 1
                continue
            }
            defer { withExtendedLifetime(directory) {} }
            let journal = try? Contents(of: store).journal
            if store.opening.setAside != nil || journal?.count ?? 0 < disk.promised { found += 1 }
            try? store.close()
        }
        #expect(found > 0)
    }

    private func open(_ files: [String: [UInt8]], sync: PlantStore.Sync) throws -> (
        store: PlantStore, directory: TemporaryFolder
    ) {
        let directory = try TemporaryFolder()
        for (name, bytes) in files where !name.hasSuffix("-shm") {
            try Data(bytes).write(to: URL(fileURLWithPath: directory.path + "/" + name))
        }
        return (try directory.store(sync: sync, sealing: PowerCutTests.rule), directory)
    }

    private func check(
        _ disk: CutDisk, _ random: inout SeededNumbers, _ sync: PlantStore.Sync, _ place: Comment
    ) throws {
        let (store, directory) = try open(disk.files(&random), sync: sync)
        defer { withExtendedLifetime(directory) {} }
        #expect(store.opening.setAside == nil, place)
        #expect(try store.findings().isEmpty, place)
        let contents = try Contents(of: store)
        let steps = contents.journal.count
        #expect(steps >= disk.promised && steps <= disk.begun, place)
        contents.expect(steps: steps, place)
        // A meter's readings that come again are no new ones, and the plant goes on.
        var script = try PlantScript(store)
        if steps > 0 {
            let again = PlantScript.readings(of: Int64(steps - 1)).prefix(4)
            #expect(try store.write { try $0.append(Array(again)) }.isEmpty, place)
        }
        for _ in 0..<3 { try script.write(to: store) }
        try Contents(of: store).expect(steps: steps + 3, place)
        try store.close()
    }
}
