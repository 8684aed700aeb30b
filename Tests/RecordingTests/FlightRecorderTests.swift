import Conformity
import Metering
import PlantConfiguration
import Storage
import TestKit
import Testing

@testable import PlantAPI
@testable import Recording

@Suite("What was read around a nonconformity outlasts retention")
struct FlightRecorderTests {
    private static let day: Int64 = 86_400_000
    private static let start = Instant(milliseconds: 1_780_272_000_000)
    private static let plant = """
        site: {name: Test works, timezone: UTC}
        meters:
          boiler: {interval: 1m, area: boiler house, points: {nox: {kind: gauge, unit: mg/m3, max_gap: 5m}}}
          feed: {interval: 1m, area: boiler house, points: {flow: {kind: gauge, unit: m3/h, max_gap: 5m}}}
          yard: {interval: 1m, area: yard, points: {wind: {kind: gauge, unit: m/s, max_gap: 5m}}}
        indicators:
          nox: {window: 30m, formula: mean(boiler.nox), unit: mg/m3}
        objectives:
          permit: {indicator: nox, max: 200}
        """

    /// A record of some hours in small chunks, with a breach from two to three in the morning.
    private func works() throws -> (Recorder, PlantStore, TemporaryFolder) {
        let folder = try TemporaryFolder()
        try folder.write("emsd.yaml", Self.plant)
        let plant = try #require(PlantLoader.load(path: folder.file("emsd.yaml")).plant)
        let store = try PlantStore(
            directory: folder.file("db"), access: .owner(create: true, sync: .normal), sealing: SealingRule(span: 0))
        let recorder = Recorder(store: store, plant: plant, isLive: false)
        try recorder.start()
        for quarter in Int64(0)..<32 {
            let level = (8..<12).contains(quarter) ? 240.0 : 150
            try recorder.record(
                (Int64(0)..<15).flatMap { minute -> [Reading] in
                    let time = Self.start + (quarter * 15 + minute) * 60_000
                    return [Reading(0, time, level), Reading(1, time, 4), Reading(2, time, 7)]
                })
        }
        try recorder.finish()
        return (recorder, store, folder)
    }

    private func hours(_ store: PlantStore, _ point: PointIndex) throws -> Set<Int64> {
        var hours: Set<Int64> = []
        try store.read { reader in
            try reader.readings(point, in: Window(start: .distantPast, end: .distantFuture)) { reading in
                hours.insert((reading.time - Self.start) / 3_600_000)
            }
        }
        return hours
    }

    @Test("of all points of its area, from an hour before the onset until it cleared, and no other")
    func kept() throws {
        let (_, store, _) = try works()
        let found = try #require(try store.read { try $0.nonconformity("NC-2026-0001") })
        let kept = try #require(try store.read { try $0.keptReadings(for: found.id) })
        #expect(kept.points == ["boiler.nox", "feed.flow"])
        #expect(kept.start == Self.start + 3_600_000)
        #expect(kept.end == found.clearedAt)
        while try !store.tidy(now: Self.start + 400 * Self.day, readings: 30 * Self.day, chunks: 10_000).isDone {}
        #expect(try hours(store, 0).isSuperset(of: [1, 2, 3]))
        #expect(try hours(store, 1).isSuperset(of: [1, 2, 3]))
        #expect(try hours(store, 1).isDisjoint(with: [0, 6, 7]))
        #expect(try hours(store, 2).isEmpty)
        // The evidence can be made again of them.
        var count = 0
        try store.read { reader in
            try reader.readings(0, in: Window(start: found.onset, end: try #require(found.clearedAt))) { _ in count += 1
            }
        }
        #expect(count == found.points.first?.count)
    }

    @Test("on a full disk it goes last, and only then")
    func thinned() throws {
        let (_, store, _) = try works()
        var yard = try hours(store, 2)
        while !yard.isEmpty {
            #expect(try hours(store, 1).contains(2))
            #expect(try store.thinReadings(chunks: 8).chunks > 0)
            yard = try hours(store, 2)
        }
        while try store.thinReadings(chunks: 64).chunks > 0 {}
        #expect(try hours(store, 1).isEmpty)
    }

    @Test("what a revision puts right keeps nothing")
    func putRight() throws {
        let (recorder, store, _) = try works()
        try recorder.record(
            (0..<60).map { Reading(0, Self.start + 2 * 3_600_000 + Int64($0) * 60_000, 150) })
        #expect(try store.read { try $0.nonconformity("NC-2026-0001") }?.isPutRight == true)
        #expect(try store.read { try $0.keptReadings(for: "NC-2026-0001") } == nil)
    }
}
