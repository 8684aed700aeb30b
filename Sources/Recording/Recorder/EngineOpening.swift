import Indicators
import Metering
import Storage

/// An engine that goes over the stored readings that its open windows need, in as many pieces as it takes.
///
/// It lives in memory only: killed, it is begun again where the windows closed last say.
final class EngineOpening {
    /// Readings between two looks at the clock.
    private static let slice = 20_000

    let engine: IndicatorEngine
    /// The indicators of which all that was due by the last commit was closed and looked after then.
    let caughtUp: Set<Int>
    /// How far the record had been looked at when it began.
    let clock: Instant
    private let starts: [PointIndex: Instant]
    /// Up to where readings have been gone over; nil: it has not begun.
    private(set) var position: Instant?

    /// An opening for which the readings of each point are needed from its start on.
    init(_ engine: IndicatorEngine, caughtUp: Set<Int>, from starts: [PointIndex: Instant], clock: Instant) {
        self.engine = engine
        self.caughtUp = caughtUp
        self.starts = starts
        self.clock = clock
    }

    /// Goes on through an instant, or until a moment; whether it got there.
    func goOn(
        through end: Instant, until moment: ContinuousClock.Instant?, _ reader: StoreReader,
        found: (EngineOutput) throws -> Void
    ) throws -> Bool {
        var feed = StoredFeed(
            reader, from: starts, until: end + 1, at: position, most: moment == nil ? 500_000 : EngineOpening.slice)
        while let readings = try feed.next() {
            position = feed.position
            var index = 0
            while index < readings.count {
                index = engine.take(readings, from: index)
                try found(engine.takeOutput())
            }
            if let moment, ContinuousClock.now >= moment, feed.position <= end { return false }
        }
        engine.complete(through: end)
        try found(engine.takeOutput())
        return true
    }
}

/// Indicators whose past is still to be computed, beside the engine at work, which is without them.
///
/// The engine of the opening has all indicators: come to the present, it takes the place of the one at work.
struct Newcomers {
    let opening: EngineOpening
    let indicators: Set<Int>
}
