import Foundation
import LiveRecording
import Logging
import Metering
import PlantConfiguration
import RecordKeeping
import RecordKit
import Recording
import Storage
import Synchronization
import TestKit
import Testing

@testable import Daemon

@Suite("The watch over the files of the record")
struct RecordWatchTests {
    /// A number that threads share.
    private final class Count: Sendable {
        private let number = Mutex<Int64>(0)

        var value: Int64 { number.withLock { $0 } }

        func set(_ value: Int64) { number.withLock { $0 = value } }
    }

    /// A plant whose record is watched, with clocks that only the test moves.
    private final class Works {
        let folder: TemporaryFolder
        let store: PlantStore
        let recording: RecordingThread
        let lifecycle = PlantLifecycle()
        let watch: RecordWatch
        let steady: @Sendable (Int64) -> Void
        /// How often all services were told to end.
        let ends = Count()

        init() throws {
            let folder = try TemporaryFolder()
            let store = try PlantStore(directory: folder.file("db"), access: .owner(create: true, sync: .normal))
            let plant = try FinalRecord.plant(
                """
                site: {name: Works, timezone: UTC}
                meters: {m: {interval: 1s, points: {p: {kind: gauge}}}}
                """, in: folder.path)
            let ticks = Count()
            steady = { ticks.set($0) }
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let began = Instant(milliseconds: 1_800_000_000_000)
            let now: @Sendable () -> Instant = { began + ticks.value }
            let clocks = Intake.Clocks(
                wall: now, steady: { ticks.value }, isSynchronised: { true }, built: .distantPast)
            recording = RecordingThread(
                intake: Intake(points: 1, newest: [], clocks: clocks), store: store, logger: logger)
            try recording.start {
                let recorder = Recorder(store: store, plant: plant, isLive: true)
                try recorder.start(now: now())
                return recorder
            } eachRound: { _, _ in
            }
            watch = RecordWatch(
                store, losses: [], recording: recording, lifecycle: lifecycle, now: now, logger: logger,
                steady: { ticks.value })
            (self.folder, self.store) = (folder, store)
            lifecycle.ends { [ends] in ends.set(ends.value + 1) }
        }

        /// A line is added to the journal, by which the record is further than before.
        func note() throws {
            try recording.perform { try $0.note(.stopped, now: Instant(milliseconds: 1_800_000_000_000)) }
        }

        var mark: Data? { FileManager.default.contents(atPath: folder.file("db/emsd.mark")) }

        /// How many lines of that type the journal has.
        static func journal(_ type: String, in store: PlantStore) throws -> Int {
            var count = 0
            try store.read { try $0.journal { if $0.line.contains("\"\(type)\"") { count += 1 } } }
            return count
        }
    }

    @Test("how far the record is is noted beside it once a minute by the steady clock, and not before")
    func marked() throws {
        let works = try Works()
        try works.note()
        works.watch.lookAtFiles()
        let first = try #require(works.mark)
        try works.note()
        works.steady(59_999)
        works.watch.lookAtFiles()
        #expect(works.mark == first)
        works.steady(60_000)
        works.watch.lookAtFiles()
        #expect(works.mark != first)
        #expect(works.watch.losses.isEmpty && works.lifecycle.phase == .running)
        works.recording.stop()
        try works.watch.close()
    }

    @Test(
        "files that are removed are said once, ended for once, and stand in their place again with all that was recorded"
    )
    func removed() throws {
        let works = try Works()
        try works.note()
        for name in ["emsd.db", "emsd.db-wal"] {
            try FileManager.default.removeItem(atPath: works.folder.file("db/" + name))
        }
        for _ in 0..<3 { works.watch.lookAtFiles() }
        #expect(works.watch.losses.count == 1)
        #expect(works.watch.losses.first?.contains("was removed or replaced while emsd ran") == true)
        #expect(works.lifecycle.isRestarting)
        #expect(works.ends.value == 1)
        #expect(try Works.journal("database.lost", in: works.store) == 1)
        works.recording.stop()
        try works.watch.close()
        let again = try PlantStore(directory: works.folder.file("db"), access: .owner(create: false, sync: .normal))
        #expect(try Works.journal("database.lost", in: again) == 1)
        #expect(try Works.journal("daemon.stopped", in: again) == 1)
        try again.close()
    }

    @Test("a database that is emptied is not looked at for long: the plant begins again, whatever else is found")
    func emptied() throws {
        let works = try Works()
        try works.note()
        truncate(works.folder.file("db/emsd.db"), 0)
        for _ in 0..<2 { works.watch.lookAtFiles() }
        #expect(works.lifecycle.isRestarting)
        #expect(works.ends.value == 1)
        works.lifecycle.beginStop()
        #expect(works.lifecycle.isStopping)
        works.recording.stop()
    }

    @Test("a sound record is checked and nothing is said of it")
    func sound() throws {
        let works = try Works()
        try works.note()
        works.watch.check()
        #expect(works.watch.losses.isEmpty && works.lifecycle.phase == .running)
        works.recording.stop()
        try works.watch.close()
    }
}
