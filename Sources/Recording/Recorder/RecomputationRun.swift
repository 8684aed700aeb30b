import Indicators
import Metering
import RecordKeeping
import Storage

/// A piece of an item at work: an engine over some thousand windows of one indicator that goes over their readings slice
/// by slice, in as many transactions as it takes.
///
/// It lives in memory only: killed, or where readings changed meanwhile, its piece is begun again.
final class RecomputationRun {
    /// Windows that are computed in one go: rolling ones need all readings before the first once more in each.
    static let windows = 4096

    let indicator: Int
    /// The end of the piece's last window.
    let end: Instant
    private let engine: IndicatorEngine
    private let starts: [PointIndex: Instant]
    private let until: Instant
    private var position: Instant?
    private var pace = ReadingPace()
    private var isRead = false

    /// A run over the windows from `first` through the one that ends at `end`.
    init(_ indicator: Int, from first: Window, through end: Instant, _ recorder: Recorder, _ reader: StoreReader) throws
    {
        self.indicator = indicator
        self.end = end
        engine = IndicatorEngine(plan: recorder.plan, indicators: [indicator], closesByGrace: false)
        engine.open(
            indicator, at: first, sum: try recorder.sum(of: indicator, before: first, reader), through: end)
        let needed = engine.firstNeeded(indicator) ?? first.start
        try recorder.supply(engine, indicator, from: needed, until: end, reader)
        starts = try recorder.feedStarts(for: indicator, from: needed, reader)
        until = recorder.knownThrough + 1
    }

    /// Goes on until some time has passed; what closed goes to `closed`. Whether the piece is done.
    func goOn(until moment: ContinuousClock.Instant, _ reader: StoreReader, closed: (EngineOutput) throws -> Void)
        throws
        -> Bool
    {
        if !isRead {
            var feed = StoredFeed(
                reader, from: starts, until: until, at: position, slice: pace.slice, most: pace.most)
            while !isRead {
                let began = ContinuousClock.now
                guard let readings = try feed.next() else {
                    isRead = true
                    break
                }
                position = feed.position
                var index = 0
                while index < readings.count, !isRead {
                    index = engine.take(readings, from: index)
                    try closed(engine.takeOutput())
                    if let next = engine.nextWindow(indicator), next.end > end { isRead = true }
                }
                pace.noted(began.duration(to: .now), feed.slice)
                if ContinuousClock.now >= moment, !isRead { return false }
            }
        }
        engine.close(indicator, through: end)
        try closed(engine.takeOutput())
        return true
    }
}
