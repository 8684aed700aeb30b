import Foundation
import Metering
import Storage
import Testing

@Suite("Tidying")
struct TidyingTests {
    @Test("small chunks are joined, and what they hold stays the same")
    func joining() throws {
        let directory = try TemporaryDirectory()
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
        let directory = try TemporaryDirectory()
        let store = try directory.store(sealing: SealingRule(span: 0))
        for time in Int64(0)..<40 { try store.write { try $0.append([Reading(0, at(time * 1000), 1)]) } }
        try store.write { try $0.append([Reading(0, at(5000), 2), Reading(0, at(35_000), 2)]) }
        while try !store.tidy(now: at(0)).isDone {}
        let values = try store.read { try $0.readings(0, in: everything) }.map(\.value)
        #expect(values.count == 40 && values[5] == 2 && values[35] == 2 && values[6] == 1)
    }

    @Test("retention deletes whole chunks that are older, in small steps, and gives the space back")
    func retention() throws {
        let directory = try TemporaryDirectory()
        let store = try directory.store(points: 8, sealing: SealingRule(readingsOfPoint: 1000))
        var random = SeededGenerator(1)
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
