import Conformity
import Evidence
import Foundation
import Indicators
import Metering
import Storage
import TestKit
import Testing

/// A store with two points in a zone where a day has 23 hours now and then.
private final class SealedStore {
    private let folder: TemporaryFolder
    var directory: String { folder.path }
    let store: PlantStore
    let calendar = SiteCalendar(identifier: "Europe/Stockholm")!

    init() throws {
        folder = try TemporaryFolder()
        store = try PlantStore(directory: folder.path, access: .owner(create: true, sync: .normal))
        try store.adopt(
            StoreNames(
                points: [
                    StoreNames.Point(name: "m.power", kind: .gauge, unit: "kW"),
                    StoreNames.Point(name: "m.energy", kind: .counter, unit: "kWh"),
                ], indicators: [], objectives: []))
    }

    func append(_ readings: [Reading]) throws { try store.write { try $0.append(readings) } }

    /// Seals what is due and returns the lines' entries.
    func seal(_ now: Instant, kill: Int = .max) throws -> [JournalEntry] {
        let sealer = DaySealer(store, calendar: calendar)
        try sealer.expire(now: now)
        var entries: [JournalEntry] = []
        try sealer.run(isOver: { entries.count >= kill }) { seal, also in
            try store.write { try also($0) }
            entries.append(seal.entry(at: now))
        }
        return entries
    }
}

private func time(_ text: String) -> Instant { Instant(text)! }

@Suite struct DaySealTests {
    @Test("a number is written as everywhere else, however many decimals it has, and whatever its size")
    func numbers() {
        var text = CanonicalReadings(of: "m.power")
        var numbers = SeededNumbers(seed: 5)
        var values: [Double] = [
            0, -0.0, 0.1, 0.00005, 0.0001, 1e-5, 0.30000000000000004, 9_999_999_999.9999, 1e10, 1e300, -1e-300,
        ]
        for decimals in 0..<8 {
            let unit = (0..<decimals).reduce(1.0) { unit, _ in unit * 10 }
            for size in [9, 9999, 99_999_999, 99_999_999_999_999] {
                for _ in 0..<50 {
                    let value = Double(Int.random(in: -size...size, using: &numbers)) / unit
                    values += [value, value.nextUp, value.nextDown]
                }
            }
        }
        for value in values {
            var bytes: [UInt8] = []
            text.write(Reading(0, time("2026-03-29T00:00:00Z"), value), into: &bytes)
            let expected = "2026-03-29T00:00:00Z,m.power,\(CanonicalJSON.text(of: value)),good,\n"
            #expect(String(decoding: bytes, as: UTF8.self) == expected)
        }
    }

    @Test("a line is the reading as the listings write it, whatever the time, value and quality")
    func line() {
        var text = CanonicalReadings(of: "m.power")
        var bytes: [UInt8] = []
        for (time, value) in [
            ("1969-12-31T23:59:59.005Z", -0.5), ("2026-03-29T00:00:00Z", 82.26713), ("2026-03-29T12:34:56.780Z", 3),
        ] {
            text.write(Reading(0, Instant(time)!, value), into: &bytes)
        }
        text.write(Reading(0, time("2026-03-29T12:34:57Z"), bad: .timeout), into: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self) == """
                1969-12-31T23:59:59.005Z,m.power,-0.5,good,
                2026-03-29T00:00:00Z,m.power,82.26713,good,
                2026-03-29T12:34:56.780Z,m.power,3,good,
                2026-03-29T12:34:57Z,m.power,,bad,timeout

                """)
    }

    @Test("a day is sealed once when it is over, with the digest that sha256sum gives for its CSV")
    func sealed() throws {
        let plant = try SealedStore()
        // The day of 23 hours, and the one after it.
        try plant.append([
            Reading(0, time("2026-03-28T23:00:00Z"), 1), Reading(0, time("2026-03-29T21:59:59Z"), 2),
            Reading(0, time("2026-03-29T22:00:00Z"), 3),
        ])
        let entries = try plant.seal(time("2026-03-29T22:00:05Z"))
        let line = try #require(entries.first).text(sequence: 1)
        #expect(entries.count == 1)
        #expect(line.contains(#""start":"2026-03-28T23:00:00Z","end":"2026-03-29T22:00:00Z""#))
        // printf 'time,point,value,quality,reason\n2026-03-28T23:00:00Z,m.power,1,good,\n2026-03-29T21:59:59Z,m.power,2,good,\n' | sha256sum
        #expect(
            line.contains(
                #""count":2,"sha256":"9658d2568f4c6ca6aba77f7a3c22489fd57b17514c65c1a454bdda6ef7f324d0""#))
        #expect(try plant.seal(time("2026-03-29T22:00:06Z")).isEmpty)
        #expect(try plant.seal(time("2026-03-30T22:00:00Z")).count == 1)
    }

    @Test("what comes late, and what the counter rules decide otherwise, is sealed again, and nothing else")
    func again() throws {
        let plant = try SealedStore()
        try plant.append((0..<5).map { Reading(0, time("2026-01-01T12:00:00Z") + Int64($0) * 86_400_000, 1) })
        #expect(try plant.seal(time("2026-01-06T00:00:00Z")).count == 5)
        try plant.append([Reading(1, time("2026-01-02T12:00:00Z"), 7), Reading(0, time("2026-01-06T01:00:00Z"), 1)])
        let again = try plant.seal(time("2026-01-06T02:00:00Z"))
        #expect(again.map { $0.members.first?.value } == [.text("2026-01-01T23:00:00Z")])
        let entry = LedgerEntry(
            point: 1, time: time("2026-01-04T12:00:00Z"), verdict: .reset, advance: 3,
            lastSuspect: time("2026-01-04T12:00:00Z"))
        let whole = Window(start: time("2026-01-01T00:00:00Z"), end: time("2026-01-07T00:00:00Z"))
        try plant.store.write { try $0.replaceLedger(1, in: whole, with: [entry]) }
        #expect(
            try plant.seal(time("2026-01-06T02:00:00Z")).map { $0.members.first?.value } == [
                .text("2026-01-03T23:00:00Z")
            ])
        try plant.store.write { try $0.replaceLedger(1, in: whole, with: [entry]) }
        #expect(try plant.seal(time("2026-01-06T02:00:00Z")).isEmpty)
    }

    @Test("a kill between two lines leaves what is due, and a reading that comes in the middle is sealed the next time")
    func killed() throws {
        let plant = try SealedStore()
        try plant.append((0..<3).map { Reading(0, time("2026-01-01T12:00:00Z") + Int64($0) * 86_400_000, 1) })
        let now = time("2026-01-04T00:00:00Z")
        #expect(try plant.seal(now, kill: 1).count == 1)
        let sealer = DaySealer(plant.store, calendar: plant.calendar)
        var seals = 0
        try sealer.run { _, also in
            if seals == 0 { try plant.append([Reading(1, time("2026-01-01T13:00:00Z"), 7)]) }
            try plant.store.write { try also($0) }
            seals += 1
        }
        #expect(seals == 3)
        #expect(try plant.seal(now).map { $0.members.first?.value } == [.text("2025-12-31T23:00:00Z")])
    }
}
