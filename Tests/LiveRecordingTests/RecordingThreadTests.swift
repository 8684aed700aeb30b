import Acquisition
import Alerting
import DatabaseFile
import Foundation
import Logging
import Metering
import PlantConfiguration
import Platform
import RecordKit
import Storage
import Synchronization
import TestKit
import Testing

@testable import LiveRecording
@testable import Recording

@Suite("The recording thread")
struct RecordingThreadTests {
    /// A clock that only the test moves.
    private final class Ticks: Sendable {
        private let count = Mutex<Int64>(0)

        func withLock<T>(_ body: (inout Int64) -> T) -> T where T: Sendable { count.withLock { body(&$0) } }
    }

    /// A plant of one point whose thread runs, with an intake that the test feeds.
    private final class Works {
        let folder: TemporaryFolder
        let store: PlantStore
        let tail: ReadingTail
        let intake: Intake
        let thread: RecordingThread
        let ticks = Ticks()

        init(capacity: Int = 100) throws {
            folder = try TemporaryFolder()
            let plant = try FinalRecord.plant(
                """
                site: {name: Works, timezone: UTC}
                meters: {m: {interval: 1s, points: {p: {kind: gauge}}}}
                indicators: {hour: {window: 1h, formula: mean(m.p)}}
                """, in: folder.path)
            store = try PlantStore(directory: folder.file("db"), access: .owner(create: true, sync: .normal))
            tail = try ReadingTail(of: store, memory: folder.path)
            let begin = Instant(milliseconds: WallClock.milliseconds())
            // Time passes as the test goes on: two values of a point cannot stand in one millisecond.
            intake = Intake(
                points: 1, newest: [],
                clocks: Intake.Clocks(
                    wall: { [ticks] in begin + ticks.withLock { $0 } }, steady: { [ticks] in ticks.withLock { $0 } }),
                capacity: capacity)
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            thread = RecordingThread(intake: intake, store: store, tail: tail, logger: logger)
            try thread.start { [store] in
                let recorder = Recorder(store: store, plant: plant, isLive: true)
                try recorder.start(now: Instant(milliseconds: WallClock.milliseconds()))
                return recorder
            } eachRound: { _, _ in
            }
            // The first reading begins the record, and is committed for that.
            deliver(1)
            thread.settle()
        }

        /// A reading comes in, and a round of the thread takes it.
        func deliver(_ value: Double) {
            ticks.withLock { $0 += 2 }
            intake.deliver([PolledValue(point: 0, value: value)], from: "m")
            _ = try? thread.perform(settling: false) { _ in }
        }

        var stored: [Double] { get throws { try store.read { try $0.readings(0, in: .all) }.map(\.value) } }

        func end() throws {
            thread.stop()
            tail.close()
            try store.close()
        }
    }

    @Test("what a scrape shows is the newest that came in, and costs no commit")
    func scraped() throws {
        let works = try Works()
        for value in [2.0, 3, 4] { works.deliver(value) }
        let news = try works.thread.perform(settling: false) { $0.heldNews }
        #expect(news.readings[0]?.value == 4 && news.values.isEmpty)
        #expect(try works.stored == [1])
        works.thread.settle()
        #expect(try works.stored == [1, 2, 3, 4])
        #expect(try works.thread.perform(settling: false) { $0.heldNews.readings }.isEmpty)
        try works.end()
    }

    @Test("what somebody is answered or told is on the disk before")
    func toldIsOnTheDisk() throws {
        let works = try Works()
        works.deliver(2)
        works.thread.settle()
        #expect(works.store.isFlushed)
        try works.store.write { try $0.enqueueAlert(time: .distantPast, severity: "info", json: "{}", text: "x") }
        #expect(try works.store.waiting(after: 0, limit: 10).count == 1)
        #expect(works.store.isFlushed)
        try works.end()
    }

    @Test(
        "where nothing can be recorded readings wait, no more than are allowed, and whoever needs them recorded is told"
    )
    func fullDisk() throws {
        let works = try Works(capacity: 20)
        try works.store.limit(morePages: 0)
        // What has room in pages that are there goes on being stored.
        var value = 1.0
        while works.thread.fault == nil, value < 10_000 {
            value += 1
            works.deliver(value)
            works.thread.settle()
        }
        #expect(works.thread.fault?.contains("full") == true)
        let before = try works.stored
        for extra in 1...40 { works.deliver(value + Double(extra)) }
        #expect(works.intake.outstanding == 20 && works.intake.overflowed == 21)
        #expect(throws: StoreFault.self) { try works.thread.perform { _ in } }
        #expect(try works.thread.perform(settling: false) { $0.heldNews.readings[0]?.value } == value + 19)
        #expect(try works.stored == before)

        try works.store.limit(morePages: 1000)
        let end = MonotonicMoment.now + .seconds(60)
        while works.thread.fault != nil, .now < end { _ = try works.thread.perform(settling: false) { _ in } }
        #expect(works.thread.fault == nil)
        works.thread.settle()
        #expect(try works.stored == before + (0..<20).map { value + Double($0) })
        #expect(works.intake.outstanding == 0)
        try works.end()
    }

    @Test("a commit that failed is tried again after longer and longer, or as soon as there is more room")
    func retries() {
        struct Full: Error {}
        var retry = RecordingRetry()
        #expect(retry.isDue(at: 0) { nil })
        var now: Int64 = 1000
        var pauses: [Int64] = []
        for _ in 0..<7 {
            retry.failed(Full(), at: now, free: 4096)
            let begin = now
            while !retry.isDue(at: now, free: { 4096 }) { now += 100 }
            pauses.append(now - begin)
        }
        #expect(pauses == [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
        retry.failed(Full(), at: now, free: 4096)
        #expect(!retry.isDue(at: now + 1) { 8192 } && !retry.isDue(at: now + 1) { nil })
        #expect(retry.isDue(at: now + 1) { 1 << 20 })
    }
}
