import DatabaseFile
import Foundation
import GRDB
import Metering
import Storage
import TestKit
import Testing

@Suite("What can be read of a damaged database")
struct SalvageTests {
    private static let rule = SealingRule(readingsOfPoint: 50)

    /// A database of so many steps, as it stands closed or (with its log) killed.
    private func damaged(_ steps: Int, killed: Bool = false, _ damage: (inout Data) -> Void = { _ in }) throws
        -> TemporaryFolder
    {
        let directory = try TemporaryFolder()
        var store = try directory.store(sealing: SalvageTests.rule)
        var script = try PlantScript()
        for step in 0..<steps {
            // Closed and opened again, most of it lies in the file and not in its log.
            if killed, step == steps - 10 {
                try store.close()
                store = try directory.store(sealing: SalvageTests.rule)
            }
            try script.write(to: store)
        }
        let copy = killed ? try directory.copyAsKilled() : directory
        try store.close()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: copy.path + "/emsd.db"))
        damage(&bytes)
        try bytes.write(to: URL(fileURLWithPath: copy.path + "/emsd.db"))
        return copy
    }

    private func open(_ directory: TemporaryFolder) throws -> (PlantStore, Contents) {
        let store = try PlantStore(directory: directory.path, access: .readOnly)
        #expect(try store.findings().isEmpty)
        try store.adopt(names())
        return (store, try Contents(of: store))
    }

    /// All that was ever written of a point, also what a later arrival replaced.
    private func genuine(_ point: PointIndex, steps: Int) -> Set<Seen> {
        Set((0..<Int64(steps)).flatMap(PlantScript.readings).filter { $0.point == point }.map(Seen.init))
    }

    @Test("a sound database is taken over whole, closed or killed", arguments: [false, true])
    func whole(_ killed: Bool) throws {
        let source = try damaged(333, killed: killed)
        let before = try Data(contentsOf: URL(fileURLWithPath: source.path + "/emsd.db"))
        let target = try TemporaryFolder()
        let report = try PlantStore.salvage(source.path, to: target.path)
        #expect(report.isWhole && report.isDone)
        #expect(report.readings >= 4 * 333)
        #expect(report.journalSequence == 333)
        #expect(try Data(contentsOf: URL(fileURLWithPath: source.path + "/emsd.db")) == before)
        let (store, contents) = try open(target)
        contents.expect(steps: 333)
        #expect(store.names == names())
        // What goes on with it goes on as if nothing had been.
        let owner = try target.store(sealing: SalvageTests.rule)
        var script = try PlantScript(owner)
        for _ in 0..<200 { try script.write(to: owner) }
        try Contents(of: owner).expect(steps: 533)
    }

    @Test("of pages that were overwritten anywhere nothing else is lost", arguments: 0..<UInt64(Soak.seeds ?? 16))
    func overwritten(_ seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        let steps = 400
        let hit = Int.random(in: 1...6, using: &random)
        var hasFlippedBit = false
        let source = try damaged(steps) { bytes in
            for _ in 0..<hit {
                let page = Int.random(in: 0..<bytes.count / 1024, using: &random) * 1024
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.replaceSubrange(page..<page + 1024, with: Data(count: 1024))
                case 1: for index in page..<page + 1024 { bytes[index] = UInt8.random(in: 0...255, using: &random) }
                case 2:
                    for index in page + 512..<page + 1024 { bytes[index] = UInt8.random(in: 0...255, using: &random) }
                default:
                    hasFlippedBit = true
                    bytes[page + Int.random(in: 0..<1024, using: &random)] ^=
                        1 << UInt8.random(in: 0..<8, using: &random)
                }
            }
        }
        let target = try TemporaryFolder()
        let report = try PlantStore.salvage(source.path, to: target.path)
        #expect(report.isDone)
        let (_, contents) = try open(target)
        // What has lost its name is there under another.
        if report.nameless > 0 { return }
        for point in 0..<4 {
            let expected = PlantScript.expected(PointIndex(point), steps: steps)
            #expect(contents.readings[point].allSatisfy(genuine(PointIndex(point), steps: steps).contains))
            // A page holds the beginnings of some chunks of 50 at most.
            #expect(contents.readings[point].count >= expected.count - 250 * hit)
        }
        #expect(contents.journal.count + 12 * hit >= steps)
        // A bit that fell over in a number of a row without a checksum looks like any other number.
        if report.isWhole, !hasFlippedBit { contents.expect(steps: steps) }
        #expect(contents.chainHolds || !report.journalGaps.isEmpty || !report.alteredJournalLines.isEmpty)
    }

    @Test("without the page that says where everything is, everything is found all the same")
    func withoutSchema() throws {
        let source = try damaged(400) { $0.replaceSubrange(0..<1024, with: Data(repeating: 0xAA, count: 1024)) }
        let target = try TemporaryFolder()
        let report = try PlantStore.salvage(source.path + "/emsd.db", to: target.path)
        #expect(!report.isWhole && report.journalGaps.isEmpty && report.losses.isEmpty)
        try open(target).1.expect(steps: 400)
    }

    @Test("of a file that was cut off, what stands before the cut is found")
    func cutOff() throws {
        let source = try damaged(400) { $0 = $0.prefix($0.count * 3 / 4) }
        let target = try TemporaryFolder()
        let report = try PlantStore.salvage(source.path, to: target.path)
        let (_, contents) = try open(target)
        #expect(!report.isWhole && report.readings > 0)
        #expect(report.readings >= contents.readings.reduce(0) { $0 + $1.count })
    }

    @Test("a chunk whose bytes were changed is lost, and the loss is told by point, time and number")
    func changedChunk() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store(points: 1, sealing: SealingRule(batch: 1))
        var random = SeededNumbers(seed: 1)
        for batch in Int64(0)..<10 {
            let readings = (0..<Int64(1000)).map {
                Reading(0, at(batch * 1_000_000 + $0 * 1000), Double.random(in: 0...1, using: &random))
            }
            try store.write { try $0.append(readings) }
        }
        try store.close()
        let path = directory.path + "/emsd.db"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let queue = try DatabaseQueue(path: path)
        let chunk = try #require(
            try queue.read { try Data.fetchOne($0, sql: "SELECT data FROM chunk ORDER BY id LIMIT 1 OFFSET 4") })
        try queue.close()
        // Some of its numbers, as they stand in the file.
        let place = try #require(bytes.range(of: chunk[chunk.count / 2..<chunk.count / 2 + 16]))
        bytes[place.lowerBound] ^= 0x10
        try bytes.write(to: URL(fileURLWithPath: path))
        let target = try TemporaryFolder()
        let report = try PlantStore.salvage(directory.path, to: target.path)
        let loss = try #require(report.losses.first)
        #expect(report.losses.count == 1 && report.readings == 9000 && report.chunks == 9)
        #expect(loss.point == "meter.p0" && loss.readings == 1000)
        #expect(loss.stretch.start.milliseconds % 1_000_000 == 0)
        #expect(loss.stretch.end - loss.stretch.start == 999_000)
    }

    @Test("a daemon that finds damage goes on with all that can be read, and chunks come back while it records")
    func atStart() throws {
        let source = try damaged(400, killed: true) { bytes in
            // A page with rows from the middle of the file: the check of a killed database finds that.
            let pages = stride(from: 0, to: bytes.count, by: 1024).filter { bytes[$0] == 13 }
            let page = pages[pages.count / 2]
            bytes.replaceSubrange(page..<page + 1024, with: Data(repeating: 0x55, count: 1024))
        }
        var store = try source.store(sealing: SalvageTests.rule)
        let aside = try #require(store.opening.setAside)
        #expect(store.opening.damage != nil && store.opening.salvageFault == nil)
        #expect(store.salvageReport?.source == aside)
        let before = try Contents(of: store)
        #expect(before.journal.count >= 380)
        var script = try PlantScript(store)
        let steps = script.steps + 200
        for _ in 0..<120 { try script.write(to: store) }
        #expect(try store.salvageStep(pages: 2)?.isDone == false)
        // A stop in the middle of it changes nothing.
        try store.close()
        store = try source.store(sealing: SalvageTests.rule)
        #expect(store.opening == StoreOpening() && store.salvageReport != nil)
        for _ in 0..<30 { try script.write(to: store) }
        while try store.salvageStep(pages: 2)?.isDone == false {}
        for _ in 0..<50 { try script.write(to: store) }
        let after = try Contents(of: store)
        #expect(after.journal.last?.seq == steps)
        for point in 0..<4 {
            let expected = PlantScript.expected(PointIndex(point), steps: steps)
            #expect(after.readings[point].count >= expected.count - 250)
            #expect(after.readings[point].allSatisfy(genuine(PointIndex(point), steps: steps).contains))
        }
        try store.close()
        store = try source.store(sealing: SalvageTests.rule)
        #expect(store.salvageReport == nil)
    }

    @Test("salvage refuses a database that a daemon writes, one that is not there, and a target that is taken")
    func refusals() throws {
        func fault(_ body: () throws -> Void) -> StoreFault? {
            do { try body() } catch { return error as? StoreFault }
            return nil
        }
        let directory = try TemporaryFolder()
        let target = try TemporaryFolder()
        #expect(fault { _ = try PlantStore.salvage(directory.path, to: target.path) }?.kind == .notFound)
        let store = try directory.store()
        #expect(fault { _ = try PlantStore.salvage(directory.path, to: target.path) }?.kind == .inUse)
        try store.close()
        #expect(fault { _ = try PlantStore.salvage(directory.path, to: directory.path) }?.kind == .cannotCreate)
        #expect(target.files.isEmpty)
    }
}
