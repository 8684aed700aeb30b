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

    @Test("readings that are deleted before a target had them are counted, and told once an hour")
    func unsent() throws {
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
        func append(from start: Int, _ count: Int) throws {
            for batch in 0..<count / 10 {
                try store.write { writer in
                    try writer.append(
                        (0..<10).map { Reading(0, Instant(milliseconds: Int64(start + batch * 10 + $0) * 1000), 1) })
                }
            }
        }
        let steady = Mutex<Int64>(0)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let care = DatabaseCare(store, logger: logger) { steady.withLock { $0 } }
        func tidied(_ minute: Int64, day: Int64) throws -> [[String: Int]] {
            steady.withLock { $0 = minute * 60_000 }
            let now = Instant(milliseconds: day * 86_400_000)
            return try (0..<50).map { _ in try care.tidy(plant.storage, now: now) }.filter { !$0.isEmpty }
        }
        try append(from: 0, 200)
        try store.write { writer in
            // This one has all there is; the other one nothing; the third wants nothing so old.
            var cursor = ForwardCursor(target: "quick", stream: "readings", since: .distantPast)
            (cursor.first, cursor.second) = (Int64.max, Int64.max)
            try writer.put(cursor)
            try writer.put(ForwardCursor(target: "dead", stream: "readings", since: .distantPast))
            let since = Instant(milliseconds: 9 * 86_400_000)
            try writer.put(ForwardCursor(target: "new", stream: "readings", since: since))
            try writer.put(ForwardCursor(target: "journal", stream: "journal", since: .distantPast))
        }
        let before = try store.read { try $0.readings(0, in: .all) }.count
        let told = try tidied(1, day: 10)
        let gone = try before - store.read { try $0.readings(0, in: .all) }.count
        #expect(gone > 100)
        #expect(told == [["dead": gone]])
        try append(from: 10 * 86_400, 200)
        #expect(try tidied(30, day: 20) == [])
        let later = try tidied(62, day: 20)
        let left = try store.read { try $0.readings(0, in: .all) }.count
        let lost = before + 200 - gone - left
        #expect(lost > 100 && later == [["dead": lost, "new": lost]])
        try store.close()
    }
}
