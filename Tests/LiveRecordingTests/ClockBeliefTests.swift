import Metering
import Platform
import Testing

@testable import LiveRecording

@Suite("Whether the wall clock is believed")
struct ClockBeliefTests {
    /// A belief, and the clocks that only the test moves.
    private struct Trial {
        var wall: Int64
        var steady: Int64 = 1000
        var isSynchronised = false
        var belief: ClockBelief

        init(wall: Int64, newest: Int64?, built: Int64 = Trial.built, isSynchronised: Bool = false) {
            self.wall = wall
            self.isSynchronised = isSynchronised
            belief = ClockBelief(
                wall: Instant(milliseconds: wall), steady: 1000, built: Instant(milliseconds: built),
                newest: newest.map(Instant.init(milliseconds:)), isSynchronised: isSynchronised)
        }

        static let built: Int64 = 1_790_000_000_000

        mutating func pass(_ milliseconds: Int64, step: Int64 = 0) -> ClockBelief.Look {
            steady += milliseconds
            wall += milliseconds + step
            return belief.look(wall: Instant(milliseconds: wall), steady: steady) { [isSynchronised] in isSynchronised }
        }
    }

    private static let day: Int64 = 86_400_000
    private static let now = Trial.built + 100 * day

    @Test("a clock that runs on is believed, also where time servers correct it")
    func usual() {
        var trial = Trial(wall: Self.now, newest: Self.now - Self.day)
        for step in [0, 500, -1500, 1999] as [Int64] {
            let look = trial.pass(1000, step: step)
            #expect(look == ClockBelief.Look(time: Instant(milliseconds: trial.wall)))
        }
    }

    @Test("at a start before the program was made or before the record nothing is known, however long it stands so")
    func impossible() {
        for (wall, newest, state) in [
            (0, nil, .beforeBuild), (Trial.built - 1, Self.now, .beforeBuild),
            (Self.now, Self.now + 1000, .beforeRecord),
        ] as [(Int64, Int64?, ClockBelief.State)] {
            var trial = Trial(wall: wall, newest: newest)
            #expect(trial.belief.state == state)
            for _ in 0..<100 { #expect(trial.pass(0).time == nil) }
        }
        var boot = Trial(wall: 0, newest: nil)
        #expect(boot.pass(3_600_000).time == nil)
        let look = boot.pass(1000, step: Self.now)
        #expect(look.ground == .right && look.time == Instant(milliseconds: boot.wall) && look.step == Self.now)
    }

    @Test("what the system calls synchronised is believed in every state")
    func synchronised() {
        #expect(Trial(wall: 0, newest: nil, isSynchronised: true).belief.isBelieved)
        #expect(Trial(wall: Self.now, newest: Self.now - 400 * Self.day, isSynchronised: true).belief.isBelieved)
        for (wall, newest) in [
            (0, nil), (Self.now, Self.now + Self.day), (Self.now, Self.now - 31 * Self.day),
        ] as [(Int64, Int64?)] {
            var trial = Trial(wall: wall, newest: newest)
            #expect(trial.pass(1000).time == nil)
            trial.isSynchronised = true
            #expect(trial.pass(1000).ground == .synchronised)
            #expect(trial.belief.isBelieved)
        }
    }

    @Test("more than 30 days after the newest reading it has to stand for ten minutes, and to stand still")
    func longAfter() {
        #expect(Trial(wall: Self.now, newest: Self.now - 30 * Self.day).belief.isBelieved)
        var trial = Trial(wall: Self.now, newest: Self.now - 30 * Self.day - 1)
        #expect(trial.pass(599_999).time == nil)
        #expect(trial.pass(1000, step: 5000).time == nil)
        #expect(trial.pass(599_999).time == nil)
        let look = trial.pass(1)
        #expect(look.ground == .stood && look.time == Instant(milliseconds: trial.wall))
        // Set back to where the record ends it is right at once.
        var other = Trial(wall: Self.now, newest: Self.now - 60 * Self.day)
        #expect(other.pass(1000, step: -59 * Self.day).ground == .right)
    }

    @Test("an hour forward is a step; more is not believed until it has stood for ten minutes")
    func leap() {
        var trial = Trial(wall: Self.now, newest: Self.now)
        #expect(trial.pass(1000, step: 3_600_000).time == Instant(milliseconds: trial.wall))
        let before = trial.wall
        let leap = trial.pass(1000, step: 3_600_001)
        #expect(leap.isDoubtNew && leap.time == Instant(milliseconds: before + 1000) && leap.step == 3_600_001)
        #expect(trial.pass(599_000).time == Instant(milliseconds: before + 600_000))
        // It is set once more: it has not stood.
        #expect(trial.pass(500, step: 10 * 365 * Self.day).ground == nil)
        #expect(trial.pass(599_999).time == Instant(milliseconds: before + 1_200_499))
        let look = trial.pass(1)
        #expect(look.ground == .stood && look.time == Instant(milliseconds: trial.wall))
    }

    @Test("a leap that is taken back leaves no trace but the two steps")
    func takenBack() {
        var trial = Trial(wall: Self.now, newest: Self.now)
        _ = trial.pass(1000, step: 10 * 365 * Self.day)
        #expect(!trial.belief.isBelieved)
        let back = trial.pass(1000, step: -10 * 365 * Self.day)
        #expect(back.ground == .right && back.time == Instant(milliseconds: Self.now + 2000))
        // Set back while it is believed, time is what it shows: what is on record decides what may be taken.
        let further = trial.pass(1000, step: -Self.day)
        #expect(further.time == Instant(milliseconds: trial.wall) && trial.belief.isBelieved)
        // Put right again it has not leapt.
        let right = trial.pass(1000, step: Self.day)
        #expect(right.time == Instant(milliseconds: trial.wall) && trial.belief.isBelieved && !right.isDoubtNew)
        #expect(trial.pass(1000, step: 3_600_001).isDoubtNew)
    }

    @Test("a leap that the system vouches for is believed at once")
    func vouched() {
        var trial = Trial(wall: Self.now, newest: Self.now, isSynchronised: true)
        #expect(trial.pass(1000, step: 5 * Self.day).time == Instant(milliseconds: trial.wall))
    }

    @Test("the program knows on which day it was made")
    func built() {
        #expect(
            SystemClock.built > Instant("2026-01-01T00:00:00Z")!
                && SystemClock.built <= Instant(milliseconds: WallClock.milliseconds()))
    }
}
