import Conformity
import Foundation
import GRDB
import Indicators
import Metering
import TestKit
import Testing

@testable import DatabaseFile
@testable import ReadingCodec
@testable import Storage

/// SQLite stores the real -0.0 as the integer 0: what is read back has other bits than what was written.
@Suite("A zero with a minus sign")
struct NegativeZeroTests {
    private static let rule = SealingRule(readingsOfPoint: 2)

    /// Points whose minimum, or maximum, or both are -0.0.
    private static let series: [[Double]] = [[-0.0, -0.0, -0.0], [-0.0, 5, 7], [-5, -3, -0.0], [-0.0, 0, -0.0]]

    private func readings() -> [Reading] {
        (0..<3).flatMap { time in
            Self.series.indices.map { Reading(PointIndex($0), at(Int64(time) * 1000), Self.series[$0][time]) }
        }
    }

    private func expectAll(_ store: PlantStore) throws {
        #expect(try store.findings().isEmpty)
        for (point, values) in Self.series.enumerated() {
            let found = try store.read { try $0.readings(PointIndex(point), in: everything) }
            #expect(found.map(\.value.bitPattern) == values.map(\.bitPattern))
        }
    }

    @Test("a chunk whose extremes are such zeros is read again, joined and salvaged")
    func chunks() throws {
        let directory = try TemporaryFolder()
        var store = try directory.store(sealing: Self.rule)
        try store.write { try $0.append(readings()) }
        #expect(try store.chunkCount() == 4)
        try expectAll(store)
        #expect(try store.write { try $0.append(readings()) }.isEmpty)
        try store.close()
        store = try directory.store(sealing: Self.rule)
        try expectAll(store)
        try store.close()
        let target = try TemporaryFolder()
        let report = try PlantStore.salvage(directory.path, to: target.path)
        #expect(report.isWhole && report.readings == 12)
        try expectAll(PlantStore(directory: target.path, access: .readOnly))
    }

    @Test("a database of a version that summed the signs is opened, read and salvaged")
    func olderChecksums() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store(sealing: Self.rule)
        try store.write { try $0.append(readings()) }
        try store.close()
        let queue = try DatabaseQueue(path: directory.path + "/emsd.db")
        var changed = 0
        try queue.write { database in
            for row in try Row.fetchAll(database, sql: "SELECT * FROM chunk") {
                let values = Self.series[Int(row["point"] as Int64) - 1]
                var sum = Checksum()
                for name in ["point", "first", "last", "count", "usable"] { sum.add(row[name] as Int64) }
                for figure in [values.min() ?? 1, values.max() ?? 1, values.reduce(0, +)] {
                    sum.add(Int64(bitPattern: figure.bitPattern))
                }
                (row["data"] as Data).withUnsafeBytes { sum.add($0) }
                if Int64(sum.value) != row["checksum"] as Int64 { changed += 1 }
                try database.execute(
                    sql: "UPDATE chunk SET checksum = ? WHERE id = ?", arguments: [Int64(sum.value), row["id"]])
            }
        }
        try queue.close()
        #expect(changed >= 3)
        let opened = try directory.store(sealing: Self.rule)
        #expect(opened.opening == StoreOpening())
        try expectAll(opened)
        try opened.close()
        let target = try TemporaryFolder()
        #expect(try PlantStore.salvage(directory.path, to: target.path).isWhole)
        try expectAll(PlantStore(directory: target.path, access: .readOnly))
    }

    @Test("another number than the one that was summed is still found")
    func damage() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store(sealing: Self.rule)
        try store.write { try $0.append(readings()) }
        try store.close()
        let queue = try DatabaseQueue(path: directory.path + "/emsd.db")
        try queue.write { try $0.execute(sql: "UPDATE chunk SET maximum = 6 WHERE maximum = 7") }
        try queue.close()
        #expect(try PlantStore(directory: directory.path, access: .readOnly).findings().count == 1)
    }

    @Test("values, advances and verdicts say the same before they are stored as after it")
    func values() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        var value = IndicatorValue(
            indicator: 0, window: window(0, 10), value: -0.0, status: .valid, coverage: 1, base: 10)
        let entry = LedgerEntry(point: 1, time: at(3), verdict: .reset, advance: -0.0, lastSuspect: at(5))
        #expect(value.value?.sign == .plus && entry.advance?.sign == .plus)
        value.value = -0.0
        try store.write { writer in
            try writer.put(value: value)
            try writer.replaceLedger(1, in: window(0, 10), with: [entry])
        }
        let stored = try store.read { ($0, try $0.value(0, window(0, 10)), try $0.ledger(1).first) }
        #expect(stored.1?.value?.bitPattern == value.value?.bitPattern)
        #expect(stored.2?.advance?.bitPattern == entry.advance?.bitPattern)
    }
}
