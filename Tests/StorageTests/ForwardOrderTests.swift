import Foundation
import GRDB
import Indicators
import Metering
import RecordStream
import TestKit
import Testing

@testable import Storage

@Suite("the order of recording")
struct ForwardOrderTests {
    private struct Key: Hashable {
        var point: Int64
        var time: Int64
    }

    /// Has a target, which stores the last it is told of each point and time, get all that it has not got.
    ///
    /// What it is told again must stand in a chunk of which it may have had a part.
    private func drain(_ store: PlantStore, _ cursor: inout ForwardCursor, _ most: Int, into there: inout [Key: Double])
        throws
    {
        let (waiting, inParts) = try store.read { [cursor] in
            (try $0.readingsWaiting(after: cursor).count, try $0.readingsHadInPart(after: cursor))
        }
        var (sent, repeated) = (0, 0)
        while true {
            let (readings, next, _) = try store.read { [cursor] in try $0.readings(after: cursor, about: most) }
            if next == cursor { break }
            for reading in readings {
                let before = there.updateValue(
                    reading.value, forKey: Key(point: reading.point, time: reading.time.milliseconds))
                if before == reading.value { repeated += 1 }
            }
            sent += readings.count
            cursor = next
        }
        #expect(sent == waiting)
        #expect(repeated <= inParts, "\(repeated) of \(sent) were sent again")
    }

    @Test(
        "a target that follows now and then has every reading as it holds, over sealing, joining, late ones and corrections",
        arguments: 1...6)
    func follows(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let directory = folder.path
        var random = SeededNumbers(seed: seed)
        let rule = SealingRule(readingsOfPoint: 12, readings: 60, span: 1_000_000, batch: 200, step: 20)
        let names = StoreNames(points: (0..<3).map { .init(name: "m.p\($0)", kind: .gauge) })
        var store = try PlantStore(directory: directory, access: .owner(create: true, sync: .normal), sealing: rule)
        try store.adopt(names)
        var cursor = ForwardCursor(target: "t", stream: "readings", since: .distantPast)
        try store.write { try $0.put(cursor) }
        var (here, there): ([Key: Double], [Key: Double]) = ([:], [:])
        var time: Int64 = 1_700_000_000_000
        for _ in 0..<400 {
            var batch: [Reading] = []
            let isLarge = random.below(40) == 0
            for _ in 0..<(isLarge ? 250 : random.below(6) + 1) {
                time += Int64(random.below(1000))
                let isLate = random.below(12) == 0
                let at = isLate ? time - Int64(random.below(100_000)) : time
                batch.append(
                    Reading(PointIndex(random.below(3)), Instant(milliseconds: at), Double(random.below(1_000_000))))
            }
            _ = try store.write { try $0.append(batch) }
            for reading in batch {
                let number = store.numbered([reading])[0].point
                here[Key(point: number, time: reading.time.milliseconds)] = reading.value
            }
            if random.below(10) == 0 {
                try drain(store, &cursor, random.below(50) + 1, into: &there)
                try store.write { [cursor] in try $0.put(cursor) }
            }
            if random.below(15) == 0 {
                _ = try store.tidy(now: Instant(milliseconds: time), readings: nil, indicators: nil)
            }
            if random.below(60) == 0 {
                try store.close()
                store = try PlantStore(
                    directory: directory, access: .owner(create: false, sync: .normal), sealing: rule)
                try store.adopt(names)
                cursor = try #require(try store.read { try $0.forwardCursors() }.first)
            }
        }
        try drain(store, &cursor, 30, into: &there)
        #expect(there == here)
        #expect(try store.read { try $0.readingsWaiting(after: cursor) }.count == 0)
        try store.close()
    }
}

@Suite("the order of recording, of a record that is damaged")
struct DamagedOrderTests {
    @Test("what is damaged is passed over and named: what comes after it is sent", arguments: ["chunk", "hot"])
    func passedOver(table: String) throws {
        let folder = try TemporaryFolder()
        let rule = SealingRule(readingsOfPoint: 10, readings: 30, span: 1_000_000, batch: 200, step: 20)
        let store = try PlantStore(
            directory: folder.path, access: .owner(create: true, sync: .normal), sealing: rule)
        try store.adopt(StoreNames(points: (0..<3).map { .init(name: "m.p\($0)", kind: .gauge) }))
        for second in 0..<200 {
            let time = Instant(milliseconds: 1_700_000_000_000 + Int64(second) * 1000)
            _ = try store.write { try $0.append([Reading(PointIndex(second % 3), time, Double(second))]) }
        }
        let key = table == "chunk" ? "id" : "seq"
        let lost = try store.connection.write { database in
            let place = "WHERE \(key) = (SELECT min(\(key)) FROM \(table))"
            let columns = table == "chunk" ? "count" : "1"
            let count = try Int.fetchOne(database, sql: "SELECT \(columns) FROM \(table) \(place)")
            try database.execute(sql: "UPDATE \(table) SET data = x'FFFFFFFF' \(place)")
            return try #require(count)
        }
        var cursor = ForwardCursor(target: "t", stream: "readings", since: .distantPast)
        var (sent, named) = (0, [String]())
        while true {
            let (readings, next, damaged) = try store.read { [cursor] in try $0.readings(after: cursor, about: 7) }
            if next == cursor { break }
            (sent, named, cursor) = (sent + readings.count, named + damaged, next)
        }
        #expect(sent == 200 - lost)
        #expect(named.count == 1 && named[0].contains("damaged"))
        #expect(try store.read { try $0.readingsWaiting(after: cursor) }.count == 0)
        try store.close()
    }
}

extension StoreReader {
    /// Of the readings that a target has not got all of, those in chunks of which it may have got a part: of chunks joined
    /// since, or of the hot rows that one sealing took.
    fileprivate final func readingsHadInPart(after cursor: ForwardCursor) throws -> Int {
        let sql = """
            SELECT coalesce(sum(count), 0) FROM chunk WHERE coalesce(arrived, id) > ?1 AND (arrived IS NOT NULL
                OR id >= (SELECT first FROM sealed_rows WHERE hot > ?2 ORDER BY hot LIMIT 1)
                AND id <= (SELECT coalesce(last, 1 << 62) FROM sealed_rows WHERE hot > ?2 ORDER BY hot LIMIT 1))
            """
        return try with(sql) { statement in
            statement.bind(1, cursor.first)
            statement.bind(2, cursor.second)
            return try statement.step() ? statement.int(0) : 0
        }
    }
}
