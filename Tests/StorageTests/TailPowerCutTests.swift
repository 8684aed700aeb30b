import Foundation
import Metering
import Tail
import TestKit
import Testing

@testable import LiveRecording
@testable import Storage

/// The database and the tail beside it, as the daemon writes both, cut at one instant.
@Suite("The power is cut, or the daemon killed, while readings are only in the tail")
struct TailPowerCutTests {
    /// What is left of the memory beside the disk.
    private enum Left: CaseIterable {
        /// Nothing: the power was cut.
        case nothing
        /// Everything: the process was killed.
        case everything
        /// What another database's daemon wrote there.
        case another
        /// An earlier state, whatever brought it back.
        case stale
    }

    /// The daemon's round in small: to the tail at once, to the disk each fifth step (`full`: each), to the database now
    /// and then; ended once in order, once without, and begun again.
    private struct SmallDaemon {
        let sync: PlantStore.Sync
        let steps: Int
        let unit: Int
        let disk: WatchedDisk
        private let directory: TemporaryFolder
        private let memory: TemporaryFolder
        private var script: PlantScript
        /// Steps that are only in the tail.
        private var held = 0

        init(sync: PlantStore.Sync, steps: Int, unit: Int) throws {
            (self.sync, self.steps, self.unit) = (sync, steps, unit)
            (directory, memory) = (try TemporaryFolder(), try TemporaryFolder())
            script = try PlantScript()
            disk = WatchedDisk(directory.path)
        }

        mutating func run(_ part: Int) throws {
            let store = try directory.store(sync: sync, points: points, sealing: rule)
            // The first time as SQLite does it, and in each long pause of the script.
            if part > 0 { try store.connection.checkpointBeside(pages: 60) }
            let tail = try ReadingTail(of: store, memory: memory.path, length: length, smallestUnit: unit)
            try begin(store, tail)
            for step in 0..<steps {
                try take(step, tail)
                if step % 11 == 10 || tail.isFilling { try commit(through: tail.last, store, tail) }
                if sync == .normal, step % 14 == 13 {
                    store.flush()
                    // The log is brought to the disk beside SQLite.
                    disk.note(.sync("emsd.db-wal"))
                    disk.note(.promised(script.steps))
                    try mark(store)
                }
                if sync == .full, step % 9 == 8 { try mark(store) }
                if step % 31 == 30 { _ = try store.tidy(now: at(Int64(script.steps) * 1000), chunks: 8) }
            }
            if part == 0, held > 0 { try commit(through: tail.last, store, tail) }
            if part < 2 { try end(store, tail, inOrder: part == 0) }
        }

        private mutating func begin(_ store: PlantStore, _ tail: ReadingTail) throws {
            look()
            // The tail is made whole, and the database has kept who it is and how its points are numbered.
            disk.note(.sync("emsd.tail"))
            disk.note(.sync("emsd.db-wal"))
            disk.note(.syncNames)
            #expect(store.isFlushed)
            #expect(try tail.recovered(keeping: names(points: points)).count >= held * 24)
            if held > 0 { try commit(through: tail.foundLast, store, tail) }
        }

        private mutating func take(_ step: Int, _ tail: ReadingTail) throws {
            let next = script.steps + held
            disk.note(.begun(next + 1))
            tail.take(readings(of: next))
            held += 1
            look()
            disk.note(.taken(next + 1))
            guard sync == .full || step % 5 == 4 else { return }
            tail.flush()
            look()
            disk.note(.sync("emsd.tail"))
            disk.note(.kept(next + 1))
        }

        private mutating func commit(through last: Int64, _ store: PlantStore, _ tail: ReadingTail) throws {
            try script.write(held, to: store) { writer, step in
                try writer.append(PlantScript.noise(of: step))
                try writer.noteTail(last)
            }
            held = 0
            tail.committed(last)
            if sync == .full { disk.note(.promised(script.steps)) }
        }

        private func end(_ store: PlantStore, _ tail: ReadingTail, inOrder: Bool) throws {
            if inOrder { tail.close() }
            try store.noteMark()
            disk.note(.sync("emsd.db-wal"))
            disk.look(at: "emsd.mark")
            disk.note(.sync("emsd.mark"))
            try store.close()
            disk.note(.promised(script.steps))
        }

        private func look() {
            disk.look(at: "emsd.tail")
            guard let name = memory.files.first else { return }
            disk.note(.memory([UInt8](FileManager.default.contents(atPath: memory.path + "/" + name) ?? Data())))
        }

        private func mark(_ store: PlantStore) throws {
            try store.noteMark()
            disk.look(at: "emsd.mark")
            disk.note(.sync("emsd.mark"))
        }
    }

    private static let rule = SealingRule(readingsOfPoint: 20)
    private static let length = 1 << 16
    private static let points = 24

    private static func readings(of step: Int) -> [Reading] {
        PlantScript.readings(of: Int64(step)) + PlantScript.noise(of: Int64(step))
    }

    private static func record(sync: PlantStore.Sync, steps: Int, unit: Int) throws -> [DiskEvent] {
        var daemon = try SmallDaemon(sync: sync, steps: steps, unit: unit)
        for part in 0..<3 { try daemon.run(part) }
        return daemon.disk.end()
    }

    @Test(
        "and the database opens, no reading that was kept is lost or there twice, and the record goes on",
        arguments: [PlantStore.Sync.normal, .full], [512, 4096])
    func cut(_ sync: PlantStore.Sync, _ unit: Int) throws {
        let events = try Self.record(sync: sync, steps: 60, unit: unit)
        #expect(events.count > 1000)
        for seed in 0..<UInt64(Soak.seeds ?? 1) {
            var random = SeededNumbers(seed: seed &* 4 &+ (sync == .full ? 1 : 0) &+ (unit == 512 ? 2 : 0))
            var cuts = Set<Int>()
            while cuts.count < (Soak.seeds == nil ? 30 : 150) {
                cuts.insert(Int.random(in: 0...events.count, using: &random))
            }
            var disk = CutDisk()
            var memory: [UInt8] = []
            for (index, event) in events.enumerated() {
                if cuts.contains(index) {
                    let left = Left.allCases.randomElement(using: &random) ?? .nothing
                    try check(disk, left, stale: memory, &random, sync, unit, "seed \(seed), \(left), event \(index)")
                    if Bool.random(using: &random) { memory = disk.memory }
                }
                disk.take(event)
            }
        }
    }

    @Test("a log that is not on the disk as it says is found out by the mark")
    func lyingLog() throws {
        let events = try Self.record(sync: .full, steps: 40, unit: 512).filter { event in
            if case .sync("emsd.db-wal") = event { false } else { true }
        }
        var random = SeededNumbers(seed: 11)
        var disk = CutDisk()
        var found = 0
        for (index, event) in events.enumerated() {
            disk.take(event)
            guard index % 50 == 49 else { continue }
            if try Cut(disk.files(&random), memory: [], sync: .full, unit: 512).loss != nil { found += 1 }
        }
        #expect(found > 0)
    }

    @Test("a disk that says it has written the tail and has not would be found out")
    func lyingDisk() throws {
        let events = try Self.record(sync: .full, steps: 20, unit: 512).filter { event in
            if case .sync("emsd.tail") = event { false } else { true }
        }
        var random = SeededNumbers(seed: 9)
        var disk = CutDisk()
        var found = 0
        for (index, event) in events.enumerated() {
            disk.take(event)
            guard index % 50 == 49 else { continue }
            let cut = try Cut(disk.files(&random), memory: [], sync: .full, unit: 512)
            let there = Set(try cut.recovered().map(Self.key))
            let kept = try cut.steps..<max(cut.steps, disk.kept)
            if !there.isSuperset(of: kept.flatMap(Self.readings).map(Self.key)) { found += 1 }
        }
        #expect(found > 0)
    }

    private static func key(_ reading: Reading) -> String { "\(reading.point) \(Seen(reading))" }

    /// A machine that has come back.
    private struct Cut {
        let (directory, memory): (TemporaryFolder, TemporaryFolder)
        let store: PlantStore
        /// What the start says of files that are lost.
        let loss: String?
        let tail: ReadingTail

        init(_ files: [String: [UInt8]], memory bytes: [UInt8], sync: PlantStore.Sync, unit: Int) throws {
            directory = try TemporaryFolder()
            memory = try TemporaryFolder()
            for (name, bytes) in files where !name.hasSuffix("-shm") {
                try Data(bytes).write(to: URL(fileURLWithPath: directory.path + "/" + name))
            }
            let found = FoundRecord(in: directory.path)
            store = try directory.store(sync: sync, points: points, sealing: rule)
            loss = try found.loss(in: store)
            if !bytes.isEmpty {
                // Its name says which directory it belongs to.
                let identity = try store.tailMark(orMake: true).identity
                let path = TailFiles.mirrorPaths(
                    identity: identity, directory: directory.path, memory: memory.path)[0]
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                chmod(path, 0o600)
            }
            tail = try ReadingTail(of: store, memory: memory.path, length: length, smallestUnit: unit)
        }

        func recovered() throws -> [Reading] { try tail.recovered(keeping: names(points: points)) }

        var steps: Int { get throws { try store.read { try $0.journalHead().seq } } }
    }

    private func check(
        _ disk: CutDisk, _ left: Left, stale: [UInt8], _ random: inout SeededNumbers, _ sync: PlantStore.Sync,
        _ unit: Int, _ place: Comment
    ) throws {
        let memory: [UInt8] =
            switch left {
            case .nothing: []
            case .everything: disk.memory
            case .another: try Self.anothersMemory(unit)
            case .stale: stale
            }
        let files = left == .everything ? disk.filesAfterKill : disk.files(&random)
        let cut = try Cut(files, memory: memory, sync: sync, unit: unit)
        #expect(cut.store.opening.setAside == nil && cut.tail.isAtWork, place)
        // However it is cut, a record that is sound is never said to be lost.
        #expect(cut.loss == nil, place)
        #expect(try cut.store.findings().isEmpty, place)
        let steps = try cut.steps
        #expect(steps >= disk.promised && steps <= disk.begun, place)
        try Contents(of: cut.store).expect(steps: steps, place)

        // In the order in which they came, each once, none that was not read, and all that were to last.
        let recovered = try cut.recovered()
        var come = (0..<disk.begun).flatMap(Self.readings).map(Self.key)[...]
        for key in recovered.map(Self.key) {
            guard let found = come.firstIndex(of: key) else {
                Issue.record("\(key) was not read, or twice: \(place)")
                return
            }
            come = come[(found + 1)...]
        }
        let kept = max(steps, left == .everything ? disk.taken : disk.kept)
        let there = Set(recovered.map(Self.key))
        #expect(there.isSuperset(of: (steps..<kept).flatMap(Self.readings).map(Self.key)), place)

        // They are stored once; what is read again is no news, and the plant goes on.
        try cut.store.write { writer in
            try writer.append(recovered)
            try writer.noteTail(cut.tail.foundLast)
        }
        #expect(try cut.store.write { try $0.append(recovered.filter { $0.point > 3 }) }.isEmpty, place)
        var script = try PlantScript(cut.store)
        try script.write(disk.begun - steps + 3, to: cut.store) { try $0.append(PlantScript.noise(of: $1)) }
        let end = disk.begun + 3
        try Contents(of: cut.store).expect(steps: end, place)
        let noise = (0..<Int64(end)).flatMap(PlantScript.noise).filter { $0.point == 11 }.map { Seen($0) }
        #expect(try cut.store.read { try $0.readings(11, in: everything) }.map { Seen($0) } == noise, place)
        cut.tail.take(Self.readings(of: end))
        cut.tail.close()
        try cut.store.close()
        let reader = try PlantStore(directory: cut.directory.path, access: .readOnly)
        #expect(try reader.read { $0.inTail.values.map(\.count) }.reduce(0, +) == Self.readings(of: end).count, place)
    }

    /// What a daemon of another database has in memory.
    private static func anothersMemory(_ unit: Int) throws -> [UInt8] {
        let (directory, memory) = (try TemporaryFolder(), try TemporaryFolder())
        let store = try directory.store(points: points)
        let tail = try ReadingTail(of: store, memory: memory.path, length: length, smallestUnit: unit)
        for step in 5000..<5010 { tail.take(readings(of: step)) }
        guard let name = memory.files.first else { return [] }
        return [UInt8](FileManager.default.contents(atPath: memory.path + "/" + name) ?? Data())
    }
}
