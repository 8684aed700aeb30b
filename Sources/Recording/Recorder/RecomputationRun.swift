import Indicators
import Metering
import Platform
import RecordKeeping
import Storage

/// A piece of an item at work: an engine over some thousand windows of one indicator that goes over their readings slice
/// by slice, in as many transactions as it takes.
///
/// It lives in memory only: killed, or where readings changed meanwhile, its piece is begun again.
final class RecomputationRun {
    /// Windows of an indicator that are computed in one go: rolling ones need all readings before the first once more in each. Those
    /// over other windows are given all of these at the beginning, and close together: they are fewer.
    static func windows(like first: Window, of indicator: Int, _ plan: IndicatorPlan) -> Int {
        let definition = plan.indicators[indicator]
        guard definition.model == nil, definition.points.isEmpty,
            let source = definition.indicators.map({ plan.indicators[$0].rule.step }).min()
        else { return 4096 }
        return Int(min(4096, max(64, (2000 * source - first.length) / definition.rule.step + 1)))
    }

    let indicator: Int
    /// The end of the piece's last window.
    let end: Instant
    private let engine: IndicatorEngine
    private let starts: [PointIndex: Instant]
    private let until: Instant
    private var position: Instant?
    private var pace = ReadingPace()
    private var isRead = false
    /// What was read last, and how far the engine has taken it.
    private var readings: [Reading] = []
    private var taken = 0

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

    /// Goes on until `closed`, which is given what closed, says that it is enough for now. Whether the piece is done.
    func goOn(_ reader: StoreReader, closed: (EngineOutput) throws -> Bool) throws -> Bool {
        var feed = StoredFeed(reader, from: starts, until: until, at: position, slice: pace.slice, most: pace.most)
        while !isRead {
            let began = MonotonicMoment.now
            if taken == readings.count {
                guard let next = try feed.next() else {
                    isRead = true
                    break
                }
                (readings, taken, position) = (next, 0, feed.position)
            }
            var isEnough = readings.isEmpty ? try closed(EngineOutput()) : false
            while taken < readings.count, !isRead, !isEnough {
                taken = engine.take(readings, from: taken)
                isEnough = try closed(engine.takeOutput())
                if let next = engine.nextWindow(indicator), next.end > end { isRead = true }
            }
            pace.noted(began.duration(to: .now), feed.slice, isWhole: taken == readings.count)
            if isEnough, !isRead { return false }
        }
        readings = []
        engine.close(indicator, through: end)
        _ = try closed(engine.takeOutput())
        return true
    }
}
