import Acquisition
import Foundation
import LiveRecording
import Logging
import Metering
import Modbus
import PlantConfiguration
import RecordKit
import Storage
import Synchronization
import TestKit
import Testing
import WireKit

@testable import Daemon

@Suite("Polling the links of a plant")
struct PollingTests {
    /// Devices that answer each register with its own address, and polling of them into an intake whose clock only the test
    /// moves.
    private final class Works {
        let folder: TemporaryFolder
        let servers: [RawServer]
        let store: PlantStore
        let intake: Intake
        let polling: Polling
        let lifecycle = PlantLifecycle()
        static let time = Instant(milliseconds: 1_800_000_000_000)
        private let ticks = Ticks()

        private final class Ticks: Sendable { let count = Mutex<Int64>(0) }

        init(points: Int) throws {
            folder = try TemporaryFolder()
            servers = try (0..<2).map { _ in
                try RawServer(.tcp) { request, _, line in
                    line.write(Frames.answer(request))
                    return .goOn
                }
            }
            store = try PlantStore(directory: folder.file("db"), access: .owner(create: true, sync: .normal))
            intake = Intake(
                points: points, newest: [],
                clocks: Intake.Clocks(
                    wall: { [ticks] in Works.time + ticks.count.withLock { $0 } },
                    steady: { [ticks] in ticks.count.withLock { $0 } }, isSynchronised: { true },
                    built: .distantPast))
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            polling = Polling(store: store, intake: intake, lifecycle: lifecycle, seed: 7, logger: logger)
        }

        /// The plant with those meters, `name: (server, register)`.
        func plant(_ meters: KeyValuePairs<String, (server: Int, register: Int)>) throws -> Plant {
            let links = Set(meters.map(\.value.server)).sorted().map {
                "  l\($0): {transport: tcp, host: 127.0.0.1, port: \(servers[$0].port)}"
            }
            let lines = meters.map { name, place in
                "  \(name): {link: l\(place.server), unit: 1, interval: 50ms, points: "
                    + "{p: {register: holding \(place.register), type: uint16, kind: gauge}}}"
            }
            let text =
                "site: {name: Works, timezone: UTC}\nlinks:\n" + links.joined(separator: "\n") + "\nmeters:\n"
                + lines.joined(separator: "\n") + "\n"
            let plant = try FinalRecord.plant(text, in: folder.path)
            try store.adopt(StoreNames(plant))
            return plant
        }

        /// Waits until the intake took a reading that fulfils the condition, and moves its clock meanwhile.
        func waits(for condition: (Reading) -> Bool) -> Reading? {
            var found: Reading?
            _ = eventually {
                defer { ticks.count.withLock { $0 += 1 } }
                found = intake.drain().readings.first(where: condition)
                return found != nil
            }
            return found
        }
    }

    @Test("each link is polled into the intake, whose clock dates what comes; it ends when it is told to")
    func polled() throws {
        let works = try Works(points: 2)
        works.polling.start(try works.plant(["a": (0, 11), "b": (1, 22)]))
        let first = try #require(works.waits { $0.point == 0 })
        let second = try #require(works.waits { $0.point == 1 })
        #expect(first.value == 11 && second.value == 22)
        #expect([first, second].allSatisfy { $0.quality == .good && $0.time - Works.time < 86_400_000 })
        #expect(works.polling.health.map(\.connected) == [true, true])
        #expect(works.polling.stuck == (2, []))
        works.polling.stop()
        #expect(works.polling.health.allSatisfy { !$0.connected })
        let polls = works.polling.health.map(\.polls)
        _ = works.intake.drain()
        #expect(works.polling.health.map(\.polls) == polls)
        try works.store.close()
    }

    @Test("another plant leaves a link alone that is the same, ends one that is gone, and polls what is new")
    func changed() throws {
        let works = try Works(points: 2)
        works.polling.start(try works.plant(["a": (0, 11), "b": (1, 22)]))
        _ = try #require(works.waits { $0.point == 1 })
        _ = try #require(works.waits { $0.point == 0 })
        let next = try works.plant(["a": (0, 11), "c": (0, 33)])
        works.intake.goOn(points: 2, newest: [], places: [0, nil])
        works.polling.change(to: next)
        #expect(try #require(works.waits { $0.point == 1 }).value == 33)
        #expect(try #require(works.waits { $0.point == 0 }).value == 11)
        #expect(works.polling.health.count == 1)
        #expect(works.servers[0].connections == 1)
        works.polling.stop()
        try works.store.close()
    }

    @Test("a plant that comes while everything ends is polled no more")
    func ending() throws {
        let works = try Works(points: 1)
        works.lifecycle.beginStop()
        works.polling.change(to: try works.plant(["a": (0, 11)]))
        works.polling.stop()
        #expect(works.servers[0].connections == 0)
        #expect(works.intake.drain().readings.isEmpty)
        try works.store.close()
    }

    @Test("there is no setting up on a link that the plant does not have, and the nearest name is said")
    func absent() throws {
        let works = try Works(points: 1)
        let plant = try works.plant(["a": (0, 11)])
        works.polling.start(plant)
        #expect(throws: (any Error).self) { try works.polling.commissioning(on: "l1", of: plant) }
        works.polling.stop()
        try works.store.close()
    }
}
