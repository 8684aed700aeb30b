import DatabaseFile
import Foundation
import Metering
import Storage
import TestKit
import Testing

@Suite("Stored readings")
struct ReadingTests {
    /// Small enough that sealing and direct chunks happen all the time.
    private static let eager = SealingRule(readingsOfPoint: 40, readings: 90, span: 3_600_000, batch: 60)

    @Test("what was appended in any order equals a simple model in memory", arguments: Soak.some(24))
    func model(_ seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        let directory = try TemporaryFolder()
        var store = try directory.store(sealing: Self.eager)
        var model: [[Int64: Reading]] = Array(repeating: [:], count: 4)
        for _ in 0..<25 {
            let size = Int.random(in: 0..<8, using: &random) == 0 ? 150 : Int.random(in: 1...30, using: &random)
            let base = Int64.random(in: 0...400, using: &random)
            let batch = (0..<size).map { _ -> Reading in
                let point = PointIndex.random(in: 0..<4, using: &random)
                let time = at((base + Int64.random(in: 0...120, using: &random)) * 1000)
                if Int.random(in: 0..<6, using: &random) == 0 { return Reading(point, time, bad: .timeout) }
                return Reading(point, time, Double(Int.random(in: 0...5, using: &random)))
            }
            let before = model
            let changed = try store.write { try $0.append(batch) }
            for reading in batch { model[Int(reading.point)][reading.time.milliseconds] = reading }
            #expect(Set(changed.map { Key($0) }).count == changed.count)
            for reading in batch {
                let time = reading.time.milliseconds
                let old = before[Int(reading.point)][time]
                let isNew = old == nil || !old!.saysTheSame(as: model[Int(reading.point)][time] ?? reading)
                #expect(changed.contains { Key($0) == Key(reading) } == isNew)
                // What says the same is not stored again, so that the first reason stays.
                if !isNew { model[Int(reading.point)][time] = old }
            }
            if Int.random(in: 0..<6, using: &random) == 0 {
                try store.close()
                store = try directory.store(sealing: Self.eager)
            }
            if Int.random(in: 0..<4, using: &random) == 0 { _ = try store.tidy(now: at(0)) }
            try check(store, model, &random)
        }
    }

    private struct Key: Hashable {
        var point: PointIndex
        var time: Instant

        init(_ reading: Reading) {
            point = reading.point
            time = reading.time
        }
    }

    private func check(_ store: PlantStore, _ model: [[Int64: Reading]], _ random: inout SeededNumbers) throws {
        try store.read { (reader) throws in
            for point in 0..<4 {
                let expected = model[point].values.sorted { $0.time < $1.time }
                #expect(
                    try reader.readings(PointIndex(point), in: everything).map(Seen.init) == expected.map(Seen.init))
                let from = Int64.random(in: 0...500_000, using: &random)
                let part = window(from, from + Int64.random(in: 1...200_000, using: &random))
                let inside = expected.filter { part.contains($0.time) }
                #expect(try reader.readings(PointIndex(point), in: part).map(Seen.init) == inside.map(Seen.init))
                for usable in [false, true] {
                    let last = expected.last { $0.time < part.end && (!usable || $0.isUsable) }
                    let found = try reader.lastReading(PointIndex(point), before: part.end, usable: usable)
                    #expect(found.map(Seen.init) == last.map(Seen.init))
                }
                #expect(try reader.newestTimes()[point] == expected.last?.time)
                #expect(try reader.newestReadings()[point].map(Seen.init) == expected.last.map(Seen.init))
                try checkSummaries(reader, point, part, expected)
            }
            #expect(try reader.recordStart() == model.flatMap(\.keys).min().map(at))
        }
    }

    private func checkSummaries(_ reader: StoreReader, _ point: Int, _ part: Window, _ expected: [Reading]) throws {
        let step: Int64 = 30_000
        var wanted: [Int64: [Reading]] = [:]
        for reading in expected where part.contains(reading.time) {
            wanted[(reading.time - part.start) / step, default: []].append(reading)
        }
        let summaries = try reader.summaries(PointIndex(point), in: part, every: step)
        #expect(summaries.map { ($0.window.start - part.start) / step } == wanted.keys.sorted())
        for summary in summaries {
            let readings = wanted[(summary.window.start - part.start) / step] ?? []
            let values = readings.filter(\.isUsable).map(\.value)
            #expect(summary.count == readings.count && summary.usable == values.count)
            #expect(
                summary.minimum == values.min() && summary.maximum == values.max() && summary.sum == values.reduce(0, +)
            )
        }
    }

    @Test("a transaction sees its own readings before it commits")
    func ownWrites() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        try store.write { (writer) throws in
            try writer.append([Reading(0, at(1000), 1)])
            #expect(try writer.readings(0, in: everything).count == 1)
            try writer.append([Reading(0, at(1000), 2)])
            #expect(try writer.readings(0, in: everything).map(\.value) == [2])
            #expect(try writer.newestTimes()[0] == at(1000))
        }
    }

    @Test("a transaction that throws leaves nothing behind")
    func rollback() throws {
        struct Refusal: Error {}
        let directory = try TemporaryFolder()
        let store = try directory.store(sealing: Self.eager)
        try store.write { try $0.append([Reading(0, at(1000), 1)]) }
        #expect(throws: Refusal.self) {
            try store.write { (writer) throws in
                try writer.append((0..<200).map { Reading(0, at(2000 + $0), 5) })
                try writer.setClock(at(9000))
                throw Refusal()
            }
        }
        let changed = try store.write { try $0.append([Reading(0, at(2000), 5)]) }
        #expect(changed.count == 1)
        #expect(try store.read { try $0.readings(0, in: everything) }.map(\.time) == [at(1000), at(2000)])
        #expect(try store.read { try $0.clock() } == nil)
    }

    @Test("reading in the middle of reading gives both")
    func nested() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store(sealing: Self.eager)
        try store.write { (writer) throws in
            try writer.append((0..<100).map { Reading(PointIndex($0 % 2), at(Int64($0)), Double($0)) })
        }
        try store.read { (reader) throws in
            var sum = 0
            try reader.readings(0, in: everything) { _ in
                try reader.readings(1, in: everything) { _ in sum += 1 }
            }
            #expect(sum == 2500)
        }
    }

    @Test("a readings' names may change their order, go and come back")
    func changedNames() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        try store.write { try $0.append([Reading(0, at(1), 10), Reading(3, at(1), 13)]) }
        let kept = [3, 0].map { StoreNames.Point(name: "meter.p\($0)", kind: .gauge) }
        try store.adopt(StoreNames(points: kept + [StoreNames.Point(name: "new", kind: .state)]))
        try store.read { (reader) throws in
            #expect(try reader.readings(0, in: everything).map(\.value) == [13])
            #expect(try reader.readings(1, in: everything).map(\.value) == [10])
            #expect(try reader.readings(2, in: everything).isEmpty)
        }
        try store.adopt(StorageTests.names())
        #expect(try store.read { try $0.readings(3, in: everything) }.map(\.value) == [13])
    }

    @Test("the clock is that of the last commit, with readings or without")
    func clock() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store(sealing: Self.eager)
        for step in 1...300 {
            try store.write { (writer) throws in
                if step % 3 != 0 { try writer.append([Reading(0, at(Int64(step) * 10), 1)]) }
                try writer.setClock(at(Int64(step) * 10))
            }
            #expect(try store.read { try $0.clock() } == at(Int64(step) * 10))
        }
    }

    @Test("an index that no plan has is refused in a sentence")
    func unknownIndex() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        #expect(throws: StoreFault.self) { try store.write { try $0.append([Reading(99, at(1), 1)]) } }
        #expect(throws: StoreFault.self) { try store.read { try $0.readings(99, in: everything) } }
    }
}
