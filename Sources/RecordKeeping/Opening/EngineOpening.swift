import Indicators
import Metering
import Platform
import Storage

/// An engine that goes over the stored readings that its open windows need, in as many pieces as it takes.
///
/// It lives in memory only: killed, it is begun again where the windows closed last say.
package final class EngineOpening {
    /// It closes the windows.
    package let engine: IndicatorEngine
    /// The indicators of which all that was due by the last commit was closed and looked after then.
    package let caughtUp: Set<Int>
    /// How far the record had been looked at when it began.
    package let clock: Instant
    private let starts: [PointIndex: Instant]
    /// Up to where readings have been gone over; nil: it has not begun.
    package private(set) var position: Instant?
    private var pace = ReadingPace()

    /// An opening for which the readings of each point are needed from its start on.
    package init(_ engine: IndicatorEngine, caughtUp: Set<Int>, from starts: [PointIndex: Instant], clock: Instant) {
        self.engine = engine
        self.caughtUp = caughtUp
        self.starts = starts
        self.clock = clock
    }

    /// Goes on through an instant, or until a moment; whether it got there. `slice` is about how many readings are gone over
    /// between two looks at the clock.
    package func goOn(
        through end: Instant, until moment: MonotonicMoment?, slice: Int, _ reader: StoreReader,
        found: (EngineOutput) throws -> Void
    ) throws -> Bool {
        var feed = StoredFeed(
            reader, from: starts, until: end + 1, at: position, slice: moment == nil ? nil : pace.slice,
            most: moment == nil ? 500_000 : min(slice, pace.most))
        var slices = 0
        while true {
            let began = MonotonicMoment.now
            guard let readings = try feed.next() else { break }
            position = feed.position
            var index = 0
            while index < readings.count {
                index = engine.take(readings, from: index)
                try found(engine.takeOutput())
            }
            guard let moment else { continue }
            pace.noted(began.duration(to: .now), feed.slice)
            slices += 1
            // What follows after the last one is worth a portion of its own, unless it was all there was to this one.
            if MonotonicMoment.now >= moment, feed.position <= end || slices > 1 { return false }
        }
        engine.complete(through: end)
        try found(engine.takeOutput())
        return true
    }
}
