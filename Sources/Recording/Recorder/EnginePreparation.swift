import Indicators
import Metering
import Platform
import RecordKeeping
import Storage

/// Puts the indicators of an engine, one after the other, at the windows after those that closed last, and finds from where on
/// readings are needed for them. It reads and writes nothing.
final class EnginePreparation {
    /// One engine with the indicators that it begins with; another has those as well whose past is to be computed.
    struct Part {
        let engine: IndicatorEngine
        /// Those that are still to be opened, the next one last.
        fileprivate var left: [Int]
        fileprivate var starts: [PointIndex: Instant] = [:]
        /// The points whose start is still to be found; nil: not begun.
        fileprivate var points: [PointIndex]?
        fileprivate var caughtUp: Set<Int> = []

        /// An engine before its indicators, in their order, are opened.
        init(_ engine: IndicatorEngine, _ indicators: [Int]) {
            self.engine = engine
            left = indicators.reversed()
        }
    }

    private(set) var parts: [Part]
    /// Indicators whose past is computed beside the others.
    let late: Set<Int>
    private let firsts: [Window]
    private let closed: [Window?]
    /// Indicators of which the present definition has closed a window.
    private let begun: Set<Int>
    /// How far the record had been looked at; nil: nothing is to be gone over.
    private let clock: Instant?

    /// A preparation of engines for which all is known but what the store says of their indicators' sources.
    init(_ parts: [Part], firsts: [Window], closed: [Window?], begun: Set<Int>, late: Set<Int>, clock: Instant?) {
        (self.parts, self.firsts, self.closed) = (parts, firsts, closed)
        (self.begun, self.late, self.clock) = (begun, late, clock)
    }

    /// Goes on until a moment, or to the end; whether it is there.
    func goOn(until moment: MonotonicMoment?, _ recorder: Recorder, _ session: RecordingSession) throws -> Bool {
        func isOver() -> Bool { moment.map { MonotonicMoment.now >= $0 } ?? false }
        for place in parts.indices {
            while let index = parts[place].left.popLast() {
                try open(index, place, recorder, session.writer)
                if isOver() { return false }
            }
            guard let clock else { continue }
            var points = parts[place].points ?? recorder.plan.measuredPoints.reversed()
            while let point = points.popLast() {
                parts[place].starts[point] = try start(of: point, place, clock, recorder, session.writer)
                parts[place].points = points
                if isOver() { return false }
            }
            parts[place].points = []
        }
        return true
    }

    /// What goes over the readings then; nil where nothing is to be gone over.
    func opening(_ place: Int) -> EngineOpening? {
        guard let clock else { return nil }
        let part = parts[place]
        return EngineOpening(part.engine, caughtUp: part.caughtUp, from: part.starts, clock: clock)
    }

    private func open(_ index: Int, _ place: Int, _ recorder: Recorder, _ reader: StoreReader) throws {
        let engine = parts[place].engine
        let (isBegun, first) = (begun.contains(index), firsts[index])
        if isBegun, !late.contains(index) { parts[place].caughtUp.insert(index) }
        engine.pastEnds = recorder.pastEnds
        engine.open(
            index, at: first, closedEnd: closed[index]?.end,
            sum: isBegun || recorder.openedAfter[index] == nil
                ? try recorder.sum(of: index, before: first, reader) : nil)
        let needed = engine.firstNeeded(index) ?? first.start
        try recorder.supply(engine, index, from: needed, until: .distantFuture, reader)
        for point in recorder.plan.measuredPoints(behind: recorder.plan.indicators[index].points) {
            parts[place].starts[point] = min(parts[place].starts[point] ?? .distantFuture, needed)
        }
    }

    private func start(
        of point: PointIndex, _ place: Int, _ clock: Instant, _ recorder: Recorder, _ reader: StoreReader
    ) throws -> Instant {
        // Between windows of 24 h each day there is an hour where the clock goes back: the next begins after the present.
        if let from = parts[place].starts[point] {
            return try StoredFeed.start(of: point, before: min(from, clock + 1), plan: recorder.plan, reader)
        }
        // The rules of a counter that no indicator uses go on all the same, and every reading moves the clock.
        let isCounter = recorder.plan.points[Int(point)].kind == .counter
        return isCounter
            ? try StoredFeed.start(of: point, before: clock + 1, plan: recorder.plan, reader) : clock + 1
    }
}
