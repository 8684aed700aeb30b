import Conformity
import Indicators
import Metering
import RecordKeeping
import Storage

/// Windows of counted days (Rules 7): which days they have shows only when a day is over, so each is computed then, from the
/// stored readings, and by the same code once more where something came late.
extension Recorder {
    /// The last day of an indicator's windows that is over: both the indicator that counts the days and the one that watches the
    /// formula have closed it.
    private func lastDayOver(of days: CountedDays) -> Instant? {
        guard let counted = closedEnds[days.when], let watched = closedEnds[days.day] else { return nil }
        return min(counted, watched)
    }

    /// Closes the windows whose last day is over now, and returns their values, which are still to be judged.
    func closeCounted(_ session: RecordingSession) throws -> [IndicatorValue] {
        var closed: [IndicatorValue] = []
        for index in plan.countedIndicators {
            guard let days = plan.indicators[index].counted, let through = lastDayOver(of: days) else { continue }
            let begun = max(closedEnds[index] ?? .distantPast, openedAfter[index] ?? .distantPast)
            let after = max(begun, countedThrough[index] ?? .distantPast)
            guard through > after else { continue }
            countedThrough[index] = through
            for window in try countedWindows(of: days, endingAfter: after, through: through, session.writer) {
                guard let value = try evaluate(index, over: window, session.writer) else { continue }
                try session.writer.put(value: value)
                closedEnds[index] = value.window.end
                session.summary.windows += 1
                closed.append(value)
            }
        }
        return closed
    }

    /// Computes the closed windows that end after a stretch began once more. Other days may count now: windows that are none any
    /// more are withdrawn, and new ones put in.
    func recomputeCounted(
        _ indicator: Int, over stretch: Window, reason: String, _ session: RecordingSession
    ) throws {
        guard let days = plan.indicators[indicator].counted,
            let through = countedThrough[indicator] ?? closedEnds[indicator]
        else { return }
        let after = max(stretch.start, openedAfter[indicator] ?? .distantPast)
        var stored: [IndicatorValue] = []
        try session.writer.values(indicator, overlapping: Window(start: after, end: .distantFuture)) { value in
            if value.window.end <= through { stored.append(value) }
        }
        var changed: [IndicatorValue] = []
        var present: Set<Window> = []
        for window in try countedWindows(of: days, endingAfter: after, through: through, session.writer) {
            present.insert(window.whole)
            // All its days lie behind what changed.
            if window.whole.start >= stretch.end, stored.contains(where: { $0.window == window.whole }) { continue }
            madeProgress()
            guard let value = try evaluate(indicator, over: window, session.writer) else { continue }
            if let revised = try revise(value, reason: reason, session) { changed.append(revised) }
            closedEnds[indicator] = max(closedEnds[indicator] ?? .distantPast, value.window.end)
        }
        for var value in stored where !present.contains(value.window) {
            (value.value, value.status, value.coverage) = (nil, .undefined, 0)
            value.flags = .withdrawn
            if let revised = try revise(value, reason: reason, session) { changed.append(revised) }
        }
        try follow(
            changed.sorted { ($0.window.end, $0.window.start) < ($1.window.end, $1.window.start) }, of: indicator,
            session)
    }

    /// The windows whose last day ends in `(after, through]`, by the stored values of the indicator that counts the days.
    private func countedWindows(
        of days: CountedDays, endingAfter after: Instant, through: Instant, _ reader: StoreReader
    ) throws -> [CountedWindow] {
        var counted: [Window] = []
        try reader.values(days.when, in: Window(start: .distantPast, end: through)) { value in
            if value.status == .valid, let number = value.value, number > 0 { counted.append(value.window) }
        }
        guard counted.count >= days.count else { return [] }
        return (days.count...counted.count).compactMap { end in
            let window = CountedWindow(days: Array(counted[(end - days.count)..<end]))
            return window.whole.end > after ? window : nil
        }
    }

    private func evaluate(
        _ indicator: Int, over window: CountedWindow, _ reader: StoreReader
    ) throws -> IndicatorValue? {
        try evaluate(indicator, over: window.whole, days: window.days, reader)
    }
}

/// The days of one window, ascending; at least one.
private struct CountedWindow {
    let days: [Window]

    /// From the first day through the last.
    var whole: Window { Window(start: days[0].start, end: days[days.count - 1].end) }
}

extension IndicatorPlan {
    /// The indicators over windows of counted days.
    var countedIndicators: [Int] { indicators.indices.filter { indicators[$0].counted != nil } }
}
