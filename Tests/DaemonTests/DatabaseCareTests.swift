import Logging
import Metering
import PlantConfiguration
import RecordKeeping
import RecordKit
import Recording
import Storage
import Synchronization
import TestKit
import Testing

@testable import Daemon

@Suite("The care of the database between the recorder's rounds")
struct DatabaseCareTests {
    @Test("the database is tidied once a minute, a step a round until all is tidy")
    func tidied() throws {
        let folder = try TemporaryFolder()
        let plant = try FinalRecord.plant(
            """
            site: {name: Works, timezone: UTC}
            storage: {directory: \(folder.file("db")), retention: {readings: 1d}}
            meters: {m: {interval: 1s, points: {p: {kind: gauge}}}}
            """, in: folder.path)
        let store = try PlantStore(
            directory: folder.file("db"), access: .owner(create: true, sync: .normal),
            sealing: SealingRule(readingsOfPoint: 10))
        try store.adopt(StoreNames(plant))
        for start in 0..<20 {
            try store.write { writer in
                try writer.append((0..<10).map { Reading(0, Instant(milliseconds: Int64(start * 10 + $0) * 1000), 1) })
            }
        }
        let before = try store.read { try $0.readings(0, in: .all) }.count
        #expect(before == 200)
        let steady = Mutex<Int64>(0)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let care = DatabaseCare(store, logger: logger) { steady.withLock { $0 } }
        let now = Instant(milliseconds: 10 * 86_400_000)
        for _ in 0..<5 { try care.tidy(plant.storage, now: now) }
        #expect(try store.read { try $0.readings(0, in: .all) }.count == 200)
        steady.withLock { $0 = 60_000 }
        for _ in 0..<50 { try care.tidy(plant.storage, now: now) }
        let after = try store.read { try $0.readings(0, in: .all) }.count
        #expect(after < 200)
        #expect(!care.isSalvaging)
        try store.close()
    }
}
