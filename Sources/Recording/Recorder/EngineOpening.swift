import Indicators
import Metering
import Storage

/// An engine that goes over the stored readings that its open windows need, in as many pieces as it takes.
///
/// It lives in memory only: killed, it is begun again where the windows closed last say.
final class EngineOpening {
    let engine: IndicatorEngine
    /// The indicators of which all that was due by the last commit was closed and looked after then.
    let caughtUp: Set<Int>
    /// How far the record had been looked at when it began.
    let clock: Instant
    private let starts: [PointIndex: Instant]
    /// Up to where readings have been gone over; nil: it has not begun.
    private(set) var position: Instant?
    private var pace = ReadingPace()

    /// An opening for which the readings of each point are needed from its start on.
    init(_ engine: IndicatorEngine, caughtUp: Set<Int>, from starts: [PointIndex: Instant], clock: Instant) {
        self.engine = engine
        self.caughtUp = caughtUp
        self.starts = starts
        self.clock = clock
    }

    /// Goes on through an instant, or until a moment; whether it got there. `slice` is about how many readings are gone over
    /// between two looks at the clock.
    func goOn(
        through end: Instant, until moment: ContinuousClock.Instant?, slice: Int, _ reader: StoreReader,
        found: (EngineOutput) throws -> Void
    ) throws -> Bool {
        var feed = StoredFeed(
            reader, from: starts, until: end + 1, at: position, slice: moment == nil ? nil : pace.slice,
            most: moment == nil ? 500_000 : min(slice, pace.most))
        var slices = 0
        while true {
            let began = ContinuousClock.now
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
            if ContinuousClock.now >= moment, feed.position <= end || slices > 1 { return false }
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
    /// Whether its engine has gone past what a revision changed, so that all is to be opened anew after the transaction.
    var isOutdated = false
}

/// How many readings are gone over between two looks at the clock: as many as take a moment on this machine.
struct ReadingPace {
    private static let longest = Duration.milliseconds(25)
    private static let shortest = Duration.milliseconds(8)

    /// About how many readings one slice has at the most.
    private(set) var most = 5000
    /// Milliseconds that are read next; nil at the beginning.
    private(set) var slice: Int64?

    /// A slice, or the part of it that was gone over, took so long, and the next one would go so far.
    mutating func noted(_ duration: Duration, _ next: Int64, isWhole: Bool = true) {
        slice = next
        if duration > ReadingPace.longest {
            most = max(500, most / 2)
            slice = max(1000, next / 2)
        } else if isWhole, duration < ReadingPace.shortest {
            most = min(50_000, most * 2)
        }
    }
}
