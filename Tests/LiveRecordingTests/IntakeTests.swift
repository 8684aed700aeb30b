import Acquisition
import LiveRecording
import Metering
import Synchronization
import Testing

@Suite("Intake")
struct IntakeTests {
    /// Two clocks that only the test moves.
    private final class Clocks: Sendable {
        let wall = Mutex<Int64>(1_000_000)
        let steady = Mutex<Int64>(50)
        let isSynchronised = Mutex(false)

        func pass(_ milliseconds: Int64, wall step: Int64 = 0) {
            wall.withLock { $0 += milliseconds + step }
            steady.withLock { $0 += milliseconds }
        }
    }

    private let clocks = Clocks()

    private func intake(
        points: Int = 2, newest: [Instant?] = [], clock: Instant? = nil, capacity: Int = Intake.capacity
    ) -> Intake {
        let clocks = clocks
        return Intake(
            points: points, newest: newest, clock: clock,
            clocks: Intake.Clocks(
                wall: { Instant(milliseconds: clocks.wall.withLock { $0 }) }, steady: { clocks.steady.withLock { $0 } },
                isSynchronised: { clocks.isSynchronised.withLock { $0 } }, built: .distantPast),
            capacity: capacity)
    }

    private func deliver(_ value: Double, of point: Int = 0, to intake: Intake) {
        intake.deliver([PolledValue(point: PointIndex(point), value: value)], from: "m")
    }

    @Test("readings carry the wall clock's time at their arrival")
    func stamps() {
        let intake = intake()
        deliver(1, to: intake)
        clocks.pass(40)
        intake.deliver([PolledValue(point: 1, bad: .timeout)], from: "m")
        clocks.pass(1)
        let batch = intake.drain()
        #expect(batch.readings.map(\.time.milliseconds) == [1_000_000, 1_000_040])
        #expect(batch.readings.map(\.quality) == [.good, .bad])
        #expect(batch.clock.milliseconds == 1_000_040)
        #expect(intake.drain().readings.isEmpty && intake.leftOut == 0)
    }

    @Test("what comes within the millisecond of a batch keeps its own time, which the batch has not decided yet")
    func afterBatch() {
        let intake = intake()
        let batch = intake.drain()
        deliver(1, to: intake)
        #expect(batch.clock.milliseconds == 999_999 && batch.now.milliseconds == 1_000_000)
        #expect(intake.drain().readings.map(\.time.milliseconds) == [1_000_000])
    }

    @Test(
        "a step of more than 2 s is reported once; slower corrections are followed", arguments: [2001, -2001, 90_000])
    func steps(step: Int64) {
        let intake = intake()
        for _ in 0..<10 {
            clocks.pass(200, wall: 1900)
            #expect(intake.drain().news.isEmpty)
        }
        clocks.pass(200, wall: step)
        #expect(intake.drain().news.first == .stepped(step))
        #expect(intake.drain().news.isEmpty)
    }

    @Test("no time is made up: eight polls after the clock was set back leave nothing, and are counted and said")
    func setBack() {
        let intake = intake()
        deliver(1, to: intake)
        clocks.pass(1000, wall: -3_600_000)
        for _ in 0..<8 {
            clocks.pass(5)
            deliver(2, to: intake)
            deliver(3, of: 1, to: intake)
        }
        let batch = intake.drain()
        // The reading that had come before waits for the recorder.
        #expect(batch.readings.map(\.value) == [1] && intake.leftOut == 16)
        let told = batch.news.map { if case .behind = $0 { "behind" } else { "step" } }
        #expect(told == ["step", "behind"])
        clocks.pass(200)
        deliver(4, to: intake)
        #expect(intake.drain().readings.isEmpty && intake.clockFault != nil)
        #expect(intake.leftOut == 17)
        clocks.pass(3_600_000)
        deliver(5, to: intake)
        let after = intake.drain()
        #expect(after.readings.map(\.value) == [5] && intake.clockFault == nil)
        #expect(after.news == [.caughtUp(leftOut: 17)])
    }

    @Test("nothing is stamped before the record's end, whatever the clock says")
    func startsBefore() {
        let intake = intake(newest: [Instant(milliseconds: 900_000), nil], clock: Instant(milliseconds: 1_000_500))
        deliver(1, to: intake)
        #expect(intake.leftOut == 1 && intake.drain().readings.isEmpty)
        clocks.pass(501)
        deliver(2, to: intake)
        #expect(intake.drain().readings.map(\.time.milliseconds) == [1_000_501])
    }

    @Test("a start on a clock that cannot be right records nothing, counts it and says it, until the clock is set")
    func startsDoubted() {
        let intake = intake(newest: [Instant(milliseconds: 1_000_500)])
        deliver(1, to: intake)
        let batch = intake.drain()
        #expect(batch.readings.isEmpty && intake.leftOut == 1 && intake.clockFault != nil && !intake.isClockBelieved)
        #expect(batch.news == [.doubted(.beforeRecord, wall: Instant(milliseconds: 1_000_000))])
        #expect(batch.now.milliseconds == 1_000_000 && batch.clock.milliseconds == 1_000_500)
        clocks.pass(1000, wall: 5000)
        deliver(2, to: intake)
        #expect(intake.drain().readings.map(\.time.milliseconds) == [1_006_000])
        #expect(intake.isClockBelieved && intake.clockFault == nil)
    }

    @Test("set forward by years, readings go on from the time before, and a reload changes nothing of it")
    func leaps() {
        let old = intake()
        deliver(1, to: old)
        clocks.pass(1000, wall: 315_360_000_000)
        deliver(2, to: old)
        #expect(old.drain().readings.map(\.time.milliseconds) == [1_000_000, 1_001_000])
        let door = old.sink
        old.goOn(points: 3, newest: [nil, Instant(milliseconds: 1_001_000)], places: [1])
        clocks.pass(1000)
        // Who has not heard of it yet says the old number.
        door.deliver([PolledValue(point: 0, value: 3)], from: "m")
        let new = old
        #expect(new.drain().readings.map(\.time.milliseconds) == [1_002_000] && !new.isClockBelieved)
        clocks.isSynchronised.withLock { $0 = true }
        clocks.pass(1000)
        deliver(4, to: new)
        #expect(new.drain().readings.map(\.time.milliseconds) == [315_361_003_000])
        #expect(new.isClockBelieved)
    }

    @Test("at a change of the plant what waits or comes by old numbers goes to whom it belongs, the rest to nobody")
    func changesPlant() {
        let intake = intake()
        let first = intake.sink
        first.deliver([PolledValue(point: 0, value: 10), PolledValue(point: 1, value: 11)], from: "m")
        // Point 0 is gone, point 1 is 2.
        intake.goOn(points: 3, newest: [], places: [nil, 2])
        let second = intake.sink
        clocks.pass(1)
        first.deliver([PolledValue(point: 0, value: 20), PolledValue(point: 1, value: 21)], from: "m")
        clocks.pass(1)
        second.deliver([PolledValue(point: 0, value: 30), PolledValue(point: 2, value: 32)], from: "m")
        // Now 2 is 0, and 0 is 1.
        intake.goOn(points: 2, newest: [], places: [1, nil, 0])
        clocks.pass(1)
        first.deliver([PolledValue(point: 1, value: 41)], from: "m")
        clocks.pass(1)
        second.deliver([PolledValue(point: 0, value: 50), PolledValue(point: 1, value: 51)], from: "m")
        clocks.pass(1)
        intake.sink.deliver([PolledValue(point: 1, value: 61)], from: "m")
        let found = intake.drain().readings
        #expect(found.map(\.value) == [11, 21, 30, 32, 41, 50, 61])
        #expect(found.map(\.point) == [0, 0, 1, 0, 0, 1, 1])
        #expect(intake.leftOut == 0)
    }

    @Test("no more readings wait than there may, here and with the recorder; the rest is left out and counted")
    func bounded() {
        let intake = intake(capacity: 5)
        func deliver(_ count: Int) {
            for _ in 0..<count {
                clocks.pass(1)
                intake.deliver([PolledValue(point: 0, value: 1)], from: "m")
            }
        }
        deliver(3)
        #expect(intake.drain().readings.count == 3)
        #expect(intake.outstanding == 3 && intake.overflowed == 0)
        deliver(4)
        #expect(intake.overflowed == 2)
        let batch = intake.drain()
        #expect(batch.readings.count == 2 && batch.overflowed == 2 && intake.outstanding == 5)
        deliver(1)
        #expect(intake.drain().readings.isEmpty)
        intake.recorded()
        deliver(6)
        #expect(intake.drain().readings.count == 5)
        #expect(intake.overflowed == 4)
    }
}
