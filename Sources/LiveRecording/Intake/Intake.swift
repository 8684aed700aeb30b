import Acquisition
import Foundation
import Metering
import Platform
import Synchronization

/// Where all polled values come together: it stamps them with the time under one lock, so that what goes on to the
/// recorder is in the order of time.
///
/// The time is the wall clock's as long as that can be believed (``ClockBelief``). It never runs backwards, and none is
/// made up: while it stands before what is on record, or none is known, values are left out and counted (Rules 2).
///
/// Where a point stands in the plant changes with the plant; who delivers does so through a ``PlantSink``, which knows by which
/// plant its points are numbered.
///
/// ```
/// let intake = Intake(points: 2, newest: [])
/// intake.deliver([PolledValue(point: 0, value: 82.5), PolledValue(point: 1, bad: .timeout)], from: "incomer")
/// let batch = intake.drain()  // two readings of one time; nothing comes at or before batch.clock any more
/// ```
package final class Intake: ReadingSink {
    /// What came in since the last time.
    package struct Batch: Sendable {
        /// In the order of time.
        package var readings: [Reading]
        /// No reading that comes later is at or before it.
        package var clock: Instant
        /// What happens now happened then: the time, or what the wall clock shows where none is known.
        package var now: Instant
        /// What was noticed about the wall clock since the last time.
        package var news: [ClockNews]
        /// Whether the recorder fell behind so far that values had to be left out.
        package var overflowed: Int
    }

    /// The clocks that it looks at.
    package struct Clocks: Sendable {
        package var wall: @Sendable () -> Instant
        package var steady: @Sendable () -> Int64
        package var isSynchronised: @Sendable () -> Bool
        package var built: Instant

        /// Those of the machine, or others in their place.
        package init(
            wall: @escaping @Sendable () -> Instant = { Instant(milliseconds: WallClock.milliseconds()) },
            steady: @escaping @Sendable () -> Int64 = WallClock.steadyMilliseconds,
            isSynchronised: @escaping @Sendable () -> Bool = SystemClock.isSynchronised,
            built: Instant = SystemClock.built
        ) {
            self.wall = wall
            self.steady = steady
            self.isSynchronised = isSynchronised
            self.built = built
        }
    }

    private struct State {
        /// Nothing at or before it is taken.
        var floor: Instant
        /// The newest reading that was taken: nothing before it is.
        var latest = Instant.distantPast
        var belief: ClockBelief
        /// Whether it was said that time stands before the floor, and how many had been left out then.
        var behindSince: Int?
        var waiting: [Reading] = []
        var last: [Instant]
        var news: [ClockNews] = []
        var leftOut = 0
        var overflowed = 0
        /// Readings that the recorder took and has not recorded yet.
        var outstanding = 0
        var overflowedInAll = 0
        /// How often the plant changed.
        var generation = 0
        /// By the generation of an earlier plant, where its points stand now; nil: nowhere.
        var places: [Int: [PointIndex?]] = [:]
    }

    /// Where values of points come in that are numbered by one plant; it stays open when another takes its place.
    private final class PlantSink: ReadingSink {
        private let intake: Intake
        private let generation: Int

        init(_ intake: Intake, _ generation: Int) {
            self.intake = intake
            self.generation = generation
        }

        func deliver(_ values: [PolledValue], from meter: String) { intake.take(values, of: generation) }
    }

    /// Earlier plants by whose numbers values may still come: a link's thread takes over the present ones with its next slot.
    private static let remembered = 16

    /// Readings that wait at most, here and with a recorder that cannot write: three hours of a large plant, in some
    /// 100 MB of memory.
    package static let capacity = 2_000_000

    private let state: Mutex<State>
    private let clocks: Clocks
    private let capacity: Int

    /// An intake for that many points, whose newest stored readings are at `newest` (shorter: none yet); nothing comes
    /// before `clock`, up to which everything is decided.
    package init(
        points: Int, newest: [Instant?], clock: Instant? = nil, clocks: Clocks = Clocks(),
        capacity: Int = Intake.capacity
    ) {
        self.capacity = capacity
        self.clocks = clocks
        let latest = newest.compactMap { $0 }.max()
        let wall = clocks.wall()
        var fresh = State(
            floor: max(latest ?? .distantPast, clock ?? .distantPast),
            belief: ClockBelief(
                wall: wall, steady: clocks.steady(), built: clocks.built, newest: latest,
                isSynchronised: clocks.isSynchronised()), last: Intake.times(newest, of: points))
        if !fresh.belief.isBelieved { fresh.news.append(.doubted(fresh.belief.state, wall: wall)) }
        state = Mutex(fresh)
    }

    private static func times(_ newest: [Instant?], of points: Int) -> [Instant] {
        let last = newest.map { $0 ?? .distantPast }
        return last + Array(repeating: .distantPast, count: max(0, points - last.count))
    }

    /// Where values of points come in by the numbers of the present plant, also when it is no longer.
    package var sink: any ReadingSink { PlantSink(self, state.withLock { $0.generation }) }

    package func deliver(_ values: [PolledValue], from meter: String) { take(values, of: nil) }

    /// Goes on for another plant, which is no start: what is known of the clock goes on, and so does what waits.
    ///
    /// `places` says where the points of the plant before stand in it; those without a place are taken no longer.
    package func goOn(points: Int, newest: [Instant?], places: [PointIndex?]) {
        state.withLock { state in
            func moved(_ point: PointIndex?) -> PointIndex? {
                guard let point, places.indices.contains(Int(point)) else { return nil }
                return places[Int(point)]
            }
            state.places = state.places.mapValues { $0.map(moved) }
            state.places[state.generation] = places
            state.generation += 1
            state.places[state.generation - Intake.remembered] = nil
            state.last = Intake.times(newest, of: points)
            state.waiting = state.waiting.compactMap { reading in
                guard let point = moved(reading.point) else { return nil }
                var reading = reading
                reading.point = point
                state.last[Int(point)] = max(state.last[Int(point)], reading.time)
                return reading
            }
        }
    }

    /// Takes values by the numbers of a plant of that generation; nil: of the present one.
    private func take(_ values: [PolledValue], of generation: Int?) {
        state.withLock { state in
            guard let now = look(&state), now > state.floor, now >= state.latest, Instant.recordable.contains(now)
            else {
                state.leftOut += values.count
                return
            }
            let places = generation.flatMap { $0 == state.generation ? nil : state.places[$0] ?? [] }
            for value in values {
                var index = value.point
                if let places {
                    guard places.indices.contains(Int(index)), let place = places[Int(index)] else { continue }
                    index = place
                }
                let point = Int(index)
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
                state.latest = now
                state.waiting.append(Reading(index, now, value.value, value.quality, value.reason))
            }
        }
    }

    /// Takes what came in; everything before the present millisecond is decided with it.
    package func drain() -> Batch {
        state.withLock { state in
            let time = look(&state)
            // More may come within the present millisecond.
            if let time { state.floor = max(state.floor, state.latest - 1, time - 1) }
            defer {
                state.outstanding += state.waiting.count
                state.waiting = []
                state.news = []
                state.overflowed = 0
            }
            return Batch(
                readings: state.waiting, clock: state.floor, now: time ?? clocks.wall(), news: state.news,
                overflowed: state.overflowed)
        }
    }

    /// The time, or what the wall clock shows where none is known: by it events are dated.
    package var now: Instant { state.withLock { look(&$0) } ?? clocks.wall() }

    /// What is wrong with the wall clock, in a sentence; nil where it is believed and stands after what is on record.
    package var clockFault: String? {
        state.withLock { state in
            let time = look(&state)
            if !state.belief.isBelieved { return state.belief.state.sentence(clocks.wall()) }
            guard let time, state.behindSince != nil else { return nil }
            return ClockNews.behind(wall: time, record: max(state.floor, state.latest)).sentence
        }
    }

    /// Whether the wall clock is taken as it stands: only then is anything deleted because it is old.
    package var isClockBelieved: Bool { state.withLock { $0.belief.isBelieved } }

    /// Of what was taken out only so many are not recorded yet: there is room for as many as are.
    package func recorded(keeping held: Int = 0) { state.withLock { $0.outstanding = held } }

    /// Readings taken out and not recorded yet.
    package var outstanding: Int { state.withLock { $0.outstanding } }

    /// Values left out because too many waited for a recorder that could not write.
    package var overflowed: Int { state.withLock { $0.overflowedInAll } }

    /// Values left out because the clock stood before what is on record, or could not be believed.
    package var leftOut: Int { state.withLock { $0.leftOut } }

    private func look(_ state: inout State) -> Instant? {
        let wall = clocks.wall()
        let look = state.belief.look(wall: wall, steady: clocks.steady(), isSynchronised: clocks.isSynchronised)
        if let step = look.step { state.news.append(.stepped(step)) }
        if look.isDoubtNew { state.news.append(.doubted(state.belief.state, wall: wall)) }
        if let ground = look.ground { state.news.append(.believed(ground, wall: wall)) }
        guard let time = look.time else { return nil }
        let record = max(state.floor, state.latest)
        if time < record, state.behindSince == nil {
            state.behindSince = state.leftOut
            state.news.append(.behind(wall: time, record: record))
        } else if time > state.floor, time >= state.latest, let before = state.behindSince {
            state.behindSince = nil
            state.news.append(.caughtUp(leftOut: state.leftOut - before))
        }
        return time
    }
}
