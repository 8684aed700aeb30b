import Foundation
import Metering
import TestKit
import Testing

@testable import Storage

@Suite("Tidying")
struct TidyingTests {
    @Test("small chunks are joined, and what they hold stays the same")
    func joining() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store(sealing: SealingRule(span: 0))
        for time in Int64(0)..<700 {
            try store.write { try $0.append([Reading(0, at(time * 900_000), Double(time) / 4)]) }
        }
        let before = try store.read { try $0.readings(0, in: everything) }.map(Seen.init)
        var joined = 0
        while true {
            let report = try store.tidy(now: at(0))
            joined += report.chunksJoined
            if report.isDone { break }
        }
        #expect(joined >= 700)
        #expect(try store.read { try $0.readings(0, in: everything) }.map(Seen.init) == before)
        #expect(try store.chunkCount() < 32)
    }

    @Test("a correction that lies over small chunks still wins after they were joined")
    func correctionStays() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store(sealing: SealingRule(span: 0))
        for time in Int64(0)..<40 { try store.write { try $0.append([Reading(0, at(time * 1000), 1)]) } }
        try store.write { try $0.append([Reading(0, at(5000), 2), Reading(0, at(35_000), 2)]) }
        while try !store.tidy(now: at(0)).isDone {}
        let values = try store.read { try $0.readings(0, in: everything) }.map(\.value)
        #expect(values.count == 40 && values[5] == 2 && values[35] == 2 && values[6] == 1)
    }

    @Test("retention deletes whole chunks that are older, in small steps, and gives the space back")
    func retention() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store(points: 8, sealing: SealingRule(readingsOfPoint: 1000))
        var random = SeededNumbers(seed: 1)
        for time in Int64(0)..<200 {
            try store.write { writer in
                for step in Int64(0)..<20 {
                    try writer.append(
                        (0..<8).map {
                            Reading($0, at((time * 20 + step) * 1000), Double.random(in: 0...1, using: &random))
                        })
                }
            }
        }
        let start = try store.read { try $0.recordStart() }
        var steps = 0
        while true {
            let report = try store.tidy(now: at(4_000_000), readings: 2_000_000, chunks: 2)
            #expect(report.chunksDropped <= 2)
            if report.isDone { break }
            steps += 1
        }
        #expect(steps > 4)
        let times = try store.read { try $0.readings(3, in: everything) }.map(\.time.milliseconds)
        #expect(times.first == 2_000_000 && times.last == 3_999_000)
        #expect(try store.read { try $0.recordStart() } == start)
        #expect(try store.thinReadings(before: at(3_500_000), chunks: 100).readings > 0)
        let left = try store.read { try $0.readings(3, in: everything) }.map(\.time.milliseconds)
        #expect(left.first == 3_000_000 && left.last == 3_999_000)
        #expect(try store.findings().isEmpty)
    }
}

@Suite("Sealing in steps")
struct SealingTests {
    @Test("points become chunks some at a time, over restarts and late readings, and nothing is lost or doubled")
    func steps() throws {
        let directory = try TemporaryFolder()
        let rule = SealingRule(readingsOfPoint: 100, span: .max, step: 1500)
        let points = 30
        var store = try directory.store(points: points, sealing: rule)
        func write(_ rows: Range<Int64>) throws {
            for part in stride(from: rows.lowerBound, to: rows.upperBound, by: 10) {
                let times = part..<min(part + 10, rows.upperBound)
                try store.write { writer in
                    try writer.append(
                        times.flatMap { time in
                            (0..<points).map {
                                Reading(PointIndex($0), at(time * 1000), Double(time % 90) + Double($0))
                            }
                        })
                    try writer.setClock(at(times.upperBound * 1000))
                }
            }
        }
        func expectAll(_ rows: Int64) throws {
            for point in [0, 1, 15, 29] as [PointIndex] {
                let found = try store.read { try $0.readings(point, in: everything) }
                #expect(found.map(\.time.milliseconds) == (0..<rows).map { $0 * 1000 })
                #expect(found.allSatisfy { $0.value == Double($0.time.milliseconds / 1000 % 90) + Double(point) })
                #expect(
                    try store.read { try $0.lastReading(point, before: .distantFuture, usable: true) }?.time
                        == at((rows - 1) * 1000))
            }
            #expect(try store.read { try $0.newestTimes() }.allSatisfy { $0 == at((rows - 1) * 1000) })
            #expect(try store.read { try $0.clock() } == at(rows * 1000))
            #expect(try store.findings().isEmpty)
        }
        try write(0..<90)
        #expect(try store.chunkCount() == 0)
        try write(90..<100)
        let begun = try store.chunkCount()
        #expect(begun > 0 && begun < points)
        try expectAll(100)
        // Killed between two steps, the next owner goes on with the second one.
        let killed = try directory.copyAsKilled()
        store = try killed.store(points: points, sealing: rule)
        try expectAll(100)
        try write(100..<101)
        #expect(try store.chunkCount() > begun)
        var commits: Int64 = 1
        while try store.read({ try $0.integer("SELECT count(*) FROM meta WHERE key = 'sealing_last'") }) != 0 {
            try write(100 + commits..<101 + commits)
            commits += 1
        }
        #expect(try store.chunkCount() == points)
        try expectAll(100 + commits)
        #expect(try store.read { try $0.integer("SELECT sum(count) FROM hot") } == commits * Int64(points))
    }

    @Test("a big batch between two steps finds every point once")
    func batchBetween() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store(points: 4, sealing: SealingRule(readingsOfPoint: 10, batch: 100))
        try store.write { try $0.append((0..<36).map { Reading($0 % 4, at(Int64($0 / 4) * 1000), Double($0)) }) }
        // As a step leaves it: the first two points are done, the others are not.
        try store.write { writer in
            for point in Int64(1)...2 {
                let columns = try writer.hotReadings(point, everything)
                try writer.pack(point, columns)
            }
            try writer.setMeta("sealing_last", 1)
            try writer.setMeta("sealing_next", 3)
        }
        try store.close()
        let again = try directory.store(points: 4, sealing: SealingRule(readingsOfPoint: 10, batch: 100))
        try again.write { try $0.append((36..<200).map { Reading($0 % 4, at(Int64($0 / 4) * 1000), Double($0)) }) }
        for point in PointIndex(0)..<4 {
            #expect(
                try again.read { try $0.readings(point, in: everything) }.map(\.value)
                    == (0..<50).map { Double($0 * 4 + Int(point)) })
        }
        #expect(try again.read { try $0.integer("SELECT sum(count) FROM chunk") } == 200)
        #expect(try again.read { try $0.integer("SELECT count(*) FROM hot") } == 0)
    }
}
