import Acquisition
import Metering
import Supervision
import Synchronization
import Testing

@Suite("Intake")
struct IntakeTests {
    /// Two clocks that only the test moves.
    private final class Clocks: Sendable {
        let wall = Mutex<Int64>(1_000_000)
        let steady = Mutex<Int64>(50)

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
            wall: { Instant(milliseconds: clocks.wall.withLock { $0 }) }, steady: { clocks.steady.withLock { $0 } },
            capacity: capacity)
    }

    @Test("readings carry the wall clock's time at their arrival")
    func stamps() {
        let intake = intake()
        intake.deliver([PolledValue(point: 0, value: 1)], from: "m")
        clocks.pass(40)
        intake.deliver([PolledValue(point: 1, bad: .timeout)], from: "m")
        let batch = intake.drain()
        #expect(batch.readings.map(\.time.milliseconds) == [1_000_000, 1_000_040])
        #expect(batch.readings.map(\.quality) == [.good, .bad])
        #expect(batch.clock.milliseconds == 1_000_040)
        #expect(intake.drain().readings.isEmpty)
    }

    @Test("what comes after a batch is later than the batch's clock, also within the same millisecond")
    func afterBatch() {
        let intake = intake()
        let clock = intake.drain().clock
        intake.deliver([PolledValue(point: 0, value: 1)], from: "m")
        #expect(intake.drain().readings.map(\.time) == [clock + 1])
    }

    @Test(
        "a step of more than 2 s is reported once; slower corrections are followed", arguments: [2001, -2001, 90_000])
    func steps(step: Int64) {
        let intake = intake()
        for _ in 0..<10 {
            clocks.pass(200, wall: 1900)
            #expect(intake.drain().steps.isEmpty)
        }
        clocks.pass(200, wall: step)
        #expect(intake.drain().steps == [step])
        #expect(intake.drain().steps.isEmpty)
    }

    @Test("while the clock stands before a point's newest reading its values are left out and counted")
    func setBack() {
        let intake = intake()
        intake.deliver([PolledValue(point: 0, value: 1)], from: "m")
        clocks.pass(1000, wall: -3_600_000)
        intake.deliver([PolledValue(point: 0, value: 2), PolledValue(point: 1, value: 3)], from: "m")
        #expect(intake.leftOut == 1)
        let readings = intake.drain().readings
        #expect(readings.map(\.value) == [1, 3])
        #expect(readings.map(\.time.milliseconds) == [1_000_000, 1_000_000])
        clocks.pass(3_600_000)
        intake.deliver([PolledValue(point: 0, value: 4)], from: "m")
        #expect(intake.drain().readings.map(\.value) == [4])
    }

    @Test("a start before the record's end leaves out what would come before it")
    func startsBefore() {
        let intake = intake(newest: [Instant(milliseconds: 1_000_500), nil])
        intake.deliver([PolledValue(point: 0, value: 1)], from: "m")
        #expect(intake.leftOut == 1)
        clocks.pass(501)
        intake.deliver([PolledValue(point: 0, value: 2)], from: "m")
        #expect(intake.drain().readings.map(\.time.milliseconds) == [1_000_501])
    }

    @Test("nothing is stamped before the time up to which the record is decided, whatever the clock says")
    func decided() {
        let intake = intake(newest: [Instant(milliseconds: 900_000)], clock: Instant(milliseconds: 1_700_000))
        intake.deliver([PolledValue(point: 0, value: 1), PolledValue(point: 1, value: 2)], from: "m")
        let batch = intake.drain()
        #expect(batch.readings.map(\.time.milliseconds) == [1_700_000, 1_700_000])
        #expect(batch.clock.milliseconds == 1_700_000)
        clocks.pass(1000)
        intake.deliver([PolledValue(point: 0, value: 3)], from: "m")
        #expect(intake.drain().readings.map(\.time.milliseconds) == [1_700_001])
        clocks.pass(1_000_000)
        intake.deliver([PolledValue(point: 0, value: 4)], from: "m")
        #expect(intake.drain().readings.map(\.time.milliseconds) == [2_001_000])
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
