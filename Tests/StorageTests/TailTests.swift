import Foundation
import Metering
import Tail
import TestKit
import Testing

@testable import LiveRecording
@testable import Storage

@Suite("The tail: readings that are not in the database yet")
struct TailTests {
    /// Readings as a plant gives them: meters that are polled in turn, registers that wander, stand or are bad.
    static func readings(_ seed: UInt64, points: Int = 60, rounds: Int = 30, from: Int64 = 0) -> [Reading] {
        var random = SeededNumbers(seed: seed)
        var values = (0..<points).map { _ in Double(Int.random(in: 0...100_000, using: &random)) / 100 }
        var found: [Reading] = []
        for round in 0..<Int64(rounds) {
            for meter in 0..<(points / 10) {
                let time = at(from + round * 10_000 + Int64(meter) * 37 + Int64.random(in: 0...20, using: &random))
                for point in meter * 10..<meter * 10 + 10 {
                    switch (point % 10, Int.random(in: 0..<50, using: &random)) {
                    case (_, 0): found.append(Reading(PointIndex(point), time, bad: .timeout))
                    case (_, 1): found.append(Reading(PointIndex(point), time, values[point], .uncertain))
                    case (0...2, _): found.append(Reading(PointIndex(point), time, values[point]))
                    case (3...5, _):
                        values[point] =
                            (values[point] * 100 + Double(Int.random(in: -9...9, using: &random))).rounded() / 100
                        found.append(Reading(PointIndex(point), time, values[point]))
                    case (6, _):
                        found.append(Reading(PointIndex(point), time, Double(Float.random(in: -1...1, using: &random))))
                    case (7, _):
                        found.append(Reading(PointIndex(point), time, Double.random(in: -1...1, using: &random)))
                    case (8, _):
                        found.append(Reading(PointIndex(point), time, [-0.0, .infinity, .nan, 1e300][Int(round) % 4]))
                    default: found.append(Reading(PointIndex(point), time, Double(round * 3)))
                    }
                }
            }
        }
        return found
    }

    static func seen(_ readings: [Reading]) -> [String] { readings.map { "\($0.point) \(Seen($0))" } }

    /// A directory with a memory of its own beside it, as a machine has one.
    final class Machine {
        let disk: TemporaryFolder
        let memory: TemporaryFolder

        init() throws {
            disk = try TemporaryFolder()
            memory = try TemporaryFolder()
        }

        init(disk: TemporaryFolder, memory: TemporaryFolder) {
            self.disk = disk
            self.memory = memory
        }

        func store(points: Int = 60) throws -> PlantStore { try disk.store(points: points) }

        func tail(_ store: PlantStore, length: Int = 1 << 16) throws -> ReadingTail {
            try ReadingTail(of: store, memory: memory.path, length: length)
        }

        /// What a killed process leaves; after a power cut nothing is left of the memory.
        func killed(withPower: Bool = true) throws -> Machine {
            let copy = try disk.copyAsKilled()
            try FileManager.default.copyItem(atPath: disk.path + "/emsd.tail", toPath: copy.path + "/emsd.tail")
            let other = try TemporaryFolder()
            if withPower, let name = memory.files.first {
                // Its name says which directory it belongs to.
                let store = try copy.store(points: 60)
                let identity = try store.tailMark(orMake: false).identity
                try store.close()
                let path = TailFiles.mirrorPaths(identity: identity, directory: copy.path, memory: other.path)[0]
                try FileManager.default.copyItem(atPath: memory.path + "/" + name, toPath: path)
            }
            return Machine(disk: copy, memory: other)
        }

        func recovered() throws -> [Reading] {
            let store = try self.store()
            defer { try? store.close() }
            return try tail(store).recovered(keeping: names(points: 60))
        }
    }

    @Test(
        "what was taken comes back bit for bit after a kill, and what was flushed after a power cut",
        arguments: 1..<UInt64(9))
    func comesBack(seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        let machine = try Machine()
        let store = try machine.store()
        let tail = try machine.tail(store)
        let readings = Self.readings(seed, rounds: 6)
        var taken = 0
        var flushed = 0
        while taken < readings.count {
            let next = min(readings.count, taken + Int.random(in: 1...40, using: &random))
            tail.take(Array(readings[taken..<next]))
            taken = next
            if Int.random(in: 0..<4, using: &random) == 0 {
                tail.flush()
                flushed = taken
            }
            if Int.random(in: 0..<9, using: &random) == 0 {
                #expect(try Self.seen(machine.killed().recovered()) == Self.seen(Array(readings[..<taken])))
                let durable = try Self.seen(machine.killed(withPower: false).recovered())
                // What filled a block in between may have gone to the disk too.
                #expect(durable.count >= flushed && durable == Self.seen(Array(readings[..<durable.count])))
            }
        }
    }

    @Test("a commit leaves in the tail what came after it, and nothing is stored twice")
    func commits() throws {
        let machine = try Machine()
        let store = try machine.store()
        let tail = try machine.tail(store)
        let readings = Self.readings(3)
        let half = readings.count / 2
        tail.take(Array(readings[..<half]))
        tail.flush()
        try store.write {
            try $0.append(Array(readings[..<half]))
            try $0.noteTail(tail.last)
        }
        tail.committed(tail.last)
        tail.take(Array(readings[half...]))
        let killed = try machine.killed()
        #expect(try Self.seen(killed.recovered()) == Self.seen(Array(readings[half...])))

        // Who reads the directory of the killed one sees them already.
        let reader = try PlantStore(directory: killed.disk.path, access: .readOnly)
        #expect(try reader.read { try $0.readings(5, in: everything) }.count < 30)
        tail.flush()
        let cut = try machine.killed(withPower: false)
        let all = try PlantStore(directory: cut.disk.path, access: .readOnly)
        for point in PointIndex(0)..<60 {
            let expected = readings.filter { $0.point == point }
            #expect(try Self.seen(all.read { try $0.readings(point, in: everything) }) == Self.seen(expected))
            #expect(
                try all.read { try $0.lastReading(point, before: .distantFuture, usable: true) }.map { Seen($0) }
                    == expected.last(where: \.isUsable).map { Seen($0) })
        }
        #expect(try all.read { try $0.newestTimes() }.compactMap { $0 }.max() == readings.map(\.time).max())
        #expect(cut.disk.files == ["emsd.db", "emsd.db-wal", "emsd.tail"])

        let backup = try TemporaryFolder()
        try all.backup(to: backup.path)
        let copy = try PlantStore(directory: backup.path, access: .readOnly)
        #expect(
            try Self.seen(copy.read { try $0.readings(5, in: everything) })
                == Self.seen(readings.filter { $0.point == 5 }))

        // Stored again from the tail, they are there once; and once more changes nothing.
        let again = try killed.store()
        let next = try killed.tail(again)
        for _ in 0..<2 {
            try again.write {
                try $0.append(next.recovered(keeping: names(points: 60)))
                try $0.noteTail(next.foundLast)
            }
        }
        for point in PointIndex(0)..<60 {
            #expect(
                try Self.seen(again.read { try $0.readings(point, in: everything) })
                    == Self.seen(readings.filter { $0.point == point }))
        }
        next.close()
        try again.close()
        #expect(try killed.recovered().isEmpty)
    }

    @Test(
        "a torn or lost block costs itself and what leans on it, and never makes anything up", arguments: 0..<UInt64(20)
    )
    func torn(seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        let machine = try Machine()
        let store = try machine.store()
        let tail = try machine.tail(store)
        let readings = Self.readings(seed)
        for part in 0..<10 {
            tail.take(Array(readings[readings.count * part / 10..<readings.count * (part + 1) / 10]))
            tail.flush()
        }
        let cut = try machine.killed(withPower: false)
        let path = cut.disk.path + "/emsd.tail"
        var bytes = try #require(FileManager.default.contents(atPath: path))
        for _ in 0..<3 {
            let place = Int.random(in: 0..<bytes.count - 300, using: &random)
            for index in place..<place + 300 {
                bytes[index] = seed % 2 == 0 ? 0 : UInt8.random(in: 0...255, using: &random)
            }
        }
        try bytes.write(to: URL(fileURLWithPath: path))
        let found = Self.seen(try cut.recovered())
        let all = Set(Self.seen(readings))
        #expect(found.allSatisfy(all.contains))
        #expect(Set(found).count == found.count)
    }

    @Test("a ring that goes round keeps the latest, and a start after it goes on with later numbers")
    func goesRound() throws {
        let machine = try Machine()
        let store = try machine.store()
        var tail = try machine.tail(store)
        var all: [Reading] = []
        for part in 0..<Int64(50) {
            let readings = Self.readings(UInt64(part), rounds: 3, from: part * 100_000)
            all += readings
            tail.take(readings)
            tail.flush()
            if part % 20 == 10 {
                tail = try machine.tail(store)
                tail.take([])
            }
        }
        let found = Self.seen(try machine.killed(withPower: false).recovered())
        #expect(tail.isFilling)
        #expect(found.count > 2000 && found == Array(Self.seen(all).suffix(found.count)))
    }

    @Test("another database's tail, a lost one and one older than the database are nothing to it")
    func notItsOwn() throws {
        let (one, other) = (try Machine(), try Machine())
        for machine in [one, other] {
            let store = try machine.store()
            let tail = try machine.tail(store)
            tail.take(Self.readings(1, rounds: 1))
            tail.flush()
        }
        let (mine, theirs) = (try one.killed(withPower: false), try other.killed(withPower: false))
        let path = mine.disk.path + "/emsd.tail"
        try FileManager.default.removeItem(atPath: path)
        #expect(try mine.recovered().isEmpty)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: theirs.disk.path + "/emsd.tail", toPath: path)
        #expect(try mine.recovered().isEmpty)

        // An old copy of the tail beside a database that has gone on.
        let store = try one.store()
        let old = try #require(FileManager.default.contents(atPath: one.disk.path + "/emsd.tail"))
        let tail = try one.tail(store)
        let readings = Self.readings(2, rounds: 2)
        tail.take(readings)
        tail.flush()
        try store.write {
            try $0.append(readings)
            try $0.noteTail(tail.last)
        }
        let later = try one.killed(withPower: false)
        try old.write(to: URL(fileURLWithPath: later.disk.path + "/emsd.tail"))
        #expect(try later.recovered().isEmpty)
        let again = try later.store()
        #expect(try later.tail(again).foundLast == tail.last)
    }

    @Test("a database restored from a backup takes what later readings the tail still has, each once")
    func restored() throws {
        let machine = try Machine()
        let store = try machine.store()
        let tail = try machine.tail(store)
        let readings = Self.readings(4, rounds: 8)
        let backup = try TemporaryFolder()
        for part in 0..<8 {
            let some = Array(readings[readings.count * part / 8..<readings.count * (part + 1) / 8])
            tail.take(some)
            tail.flush()
            try store.write {
                try $0.append(some)
                try $0.noteTail(tail.last)
            }
            tail.committed(tail.last)
            if part == 3 { try store.backup(to: backup.path) }
        }
        try FileManager.default.copyItem(atPath: machine.disk.path + "/emsd.tail", toPath: backup.path + "/emsd.tail")
        let found = try Machine(disk: backup, memory: TemporaryFolder()).recovered()
        #expect(Self.seen(found) == Self.seen(Array(readings[(readings.count / 2)...])))
    }

    @Test("a point that the plan no longer has keeps its last readings")
    func pointGone() throws {
        let machine = try Machine()
        let store = try machine.store()
        let readings = Self.readings(5, rounds: 1)
        try machine.tail(store).take(readings)
        let killed = try machine.killed()
        let again = try PlantStore(directory: killed.disk.path, access: .owner(create: false, sync: .normal))
        var plan = names(points: 60)
        plan.points.removeFirst(10)
        let kept = try killed.tail(again).recovered(keeping: plan)
        #expect(kept.count == 50 && kept.map(\.point).max() == 49)
        #expect(try again.read { try $0.readings(7, in: everything) }.count == 1)
    }

    @Test("where the tail cannot be written it says so, keeps nothing, and harms nothing")
    func cannotBeWritten() throws {
        let machine = try Machine()
        let store = try machine.store()
        try FileManager.default.createDirectory(
            atPath: machine.disk.path + "/emsd.tail", withIntermediateDirectories: true)
        let tail = try machine.tail(store)
        #expect(!tail.isAtWork)
        #expect(tail.fault?.message.contains("emsd.tail") == true)
        tail.take(Self.readings(1, rounds: 1))
        tail.flush()
        #expect(tail.last == 0)
    }

    @Test("usual readings take less than two and a half bytes each in a block")
    func small() throws {
        let machine = try Machine()
        let store = try machine.store()
        let tail = try machine.tail(store)
        var random = SeededNumbers(seed: 1)
        var power = 180.0
        var energy = 1000.0
        var count = 0
        for second in 0..<Int64(300) {
            var readings: [Reading] = []
            for point in PointIndex(0)..<60 {
                power += Double.random(in: -2...2, using: &random)
                energy += power / 3600
                let value = point % 3 == 0 ? (energy * 100).rounded() / 100 : (power * 100).rounded() / 100
                readings.append(Reading(point, at(second * 1000 + Int64(point / 10) * 7), value))
            }
            tail.take(readings)
            count += readings.count
        }
        #expect(Double(tail.last) * 512 / Double(count) < 2.5)
    }
}
