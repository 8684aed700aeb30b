import Acquisition
import Foundation
import Metering
import Synchronization

/// Where all polled values come together: it stamps them with the wall clock under one lock, so that what goes on to
/// the recorder is in the
/// order of time.
///
/// Time never runs backwards: while the wall clock stands before the newest reading of a point (it was set back),
/// further values of that
/// point are left out and counted, because there is no time at which they could stand.
package final class Intake: ReadingSink {
    /// What came in since the last time.
    package struct Batch: Sendable {
        /// In the order of time.
        package var readings: [Reading]
        /// No reading that comes later is at or before it.
        package var clock: Instant
        /// Steps of the wall clock by more than 2 s, in milliseconds, since the last time.
        package var steps: [Int64]
        /// Whether the recorder fell behind so far that values had to be left out.
        package var overflowed: Int
    }

    private struct State {
        var floor: Instant
        var waiting: [Reading] = []
        var last: [Instant]
        var offset: Int64
        var steps: [Int64] = []
        var leftOut = 0
        var overflowed = 0
        /// Readings that the recorder took and has not recorded yet.
        var outstanding = 0
        var overflowedInAll = 0
    }

    /// Readings that wait at most, here and with a recorder that cannot write: three hours of a large plant, in some
    /// 100 MB of memory.
    package static let capacity = 2_000_000

    private let state: Mutex<State>
    private let wall: @Sendable () -> Instant
    private let steady: @Sendable () -> Int64
    private let capacity: Int

    /// An intake for that many points, whose newest stored readings are at `newest` (shorter: none yet); nothing comes
    /// before `clock`, up to which everything is decided.
    package init(
        points: Int, newest: [Instant?], clock: Instant? = nil,
        wall: @escaping @Sendable () -> Instant = WallClock.now,
        steady: @escaping @Sendable () -> Int64 = WallClock.steadyMilliseconds, capacity: Int = Intake.capacity
    ) {
        self.capacity = capacity
        var last = newest.map { $0 ?? .distantPast }
        last += Array(repeating: .distantPast, count: max(0, points - last.count))
        state = Mutex(
            State(
                floor: max(last.max() ?? .distantPast, clock ?? .distantPast), last: last,
                offset: wall().milliseconds - steady()))
        self.wall = wall
        self.steady = steady
    }

    package func deliver(_ values: [PolledValue], from meter: String) {
        state.withLock { state in
            let now = stamp(&state)
            for value in values {
                let point = Int(value.point)
                guard point >= 0, point < state.last.count else { continue }
                guard state.last[point] < now else {
                    state.leftOut += 1
                    continue
                }
                guard state.waiting.count + state.outstanding < capacity else {
                    state.overflowed += 1
                    state.overflowedInAll += 1
                    continue
                }
                state.last[point] = now
                state.waiting.append(Reading(value.point, now, value.value, value.quality, value.reason))
            }
        }
    }

    /// Takes what came in; the clock of the batch is now.
    package func drain() -> Batch {
        state.withLock { state in
            let clock = stamp(&state)
            // A reading at the very millisecond of the clock would come after its instant is done with.
            state.floor = clock + 1
            defer {
                state.outstanding += state.waiting.count
                state.waiting = []
                state.steps = []
                state.overflowed = 0
            }
            return Batch(
                readings: state.waiting, clock: clock, steps: state.steps, overflowed: state.overflowed)
        }
    }

    /// Of what was taken out only so many are not recorded yet: there is room for as many as are.
    package func recorded(keeping held: Int = 0) { state.withLock { $0.outstanding = held } }

    /// Readings taken out and not recorded yet.
    package var outstanding: Int { state.withLock { $0.outstanding } }

    /// Values left out because too many waited for a recorder that could not write.
    package var overflowed: Int { state.withLock { $0.overflowedInAll } }

    /// Values left out because the wall clock stood before the newest reading of their point.
    package var leftOut: Int { state.withLock { $0.leftOut } }

    private func stamp(_ state: inout State) -> Instant {
        let wall = wall()
        let offset = wall.milliseconds - steady()
        if abs(offset - state.offset) > 2000 { state.steps.append(offset - state.offset) }
        // Slow corrections of the clock (NTP) are followed; only a step between two looks is one.
        state.offset = offset
        state.floor = max(state.floor, wall)
        return state.floor
    }
}
