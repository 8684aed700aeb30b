import Conformity
import Foundation
import Indicators
import Metering
import Storage

/// What open windows come to (Rules 9).
extension Recorder {
    /// How each objective's open window goes on at the present rate, those whose end is not known left out.
    ///
    /// Of rolling windows it is the one that ends next.
    package func forecasts(at now: Instant) throws -> [Forecast] {
        guard !isRebuildNeeded, recordStart != nil else { return [] }
        var open: [Int: IndicatorValue] = [:]
        for value in engine.provisionalValues(at: now) where open[value.indicator] == nil {
            open[value.indicator] = value
        }
        return try store.read { reader in
            try desks.compactMap { desk in
                guard let growth = desk.indicator.growth, let running = open[desk.definition.indicator],
                    running.window.end > desk.since, desk.waiting.isEmpty,
                    let context = try context(ofOpen: running, open, at: desk, now: now, reader)
                else { return nil }
                return desk.judge.forecast(
                    of: running, growth, ofWindows: !desk.indicator.indicators.isEmpty, context, now: now)
            }
        }
    }

    /// Tells people once a window that a limit can no longer be kept at the present rate, as long as it is not broken (Rules 9).
    package func warnAhead(now: Instant) throws {
        guard isLive, now >= attention.nextForecast else { return }
        attention.nextForecast = now + Recorder.forecastInterval
        let lost = try forecasts(at: now).filter { forecast in
            forecast.isLost && forecast.isTelling && !forecast.isBroken
                && desks[forecast.objective].judge.ongoing == nil
        }
        guard !lost.isEmpty else { return }
        let news = try store.read { reader in
            try lost.filter { try reader.note(key(of: $0)) != $0.span.start.text }
        }
        guard !news.isEmpty else { return }
        try transact(now: now) { session in
            for forecast in news {
                let desk = desks[forecast.objective]
                // What was held may have broken it.
                guard desk.judge.ongoing == nil, desk.lastJudgedEnd(session.writer) < forecast.window.end else {
                    continue
                }
                try session.writer.setNote(key(of: forecast), forecast.span.start.text)
                try session.alert(.forecast(forecast, desk: desk))
            }
        }
    }

    /// Milliseconds between two looks at open windows.
    private static let forecastInterval: Int64 = 5000

    private func key(of forecast: Forecast) -> String { "forecast." + desks[forecast.objective].name }

    private func context(
        ofOpen running: IndicatorValue, _ open: [Int: IndicatorValue], at desk: ObjectiveDesk, now: Instant,
        _ reader: StoreReader
    ) throws -> ObjectiveJudge.Context? {
        var context = ObjectiveJudge.Context(recordStart: recordStart ?? running.window.start)
        if let guardIndicator = desk.definition.guardIndicator {
            // It has held so far, as far as is known.
            let hours = open[guardIndicator]?.value ?? 0
            context.guardHolds = hours >= 0.95 * Double(now - running.window.start) / 3_600_000
            if context.guardHolds == false { return nil }
        }
        if let baseline = desk.definition.requirement.demand.baseline {
            guard running.window.start >= baseline.end else { return nil }
            (context.baseline, context.isBaselineForeign) = try self.baseline(baseline, of: desk, reader)
        }
        return context
    }
}

extension ObjectiveDesk {
    /// The end of the window judged last.
    fileprivate func lastJudgedEnd(_ reader: StoreReader) -> Instant {
        (try? lastVerdict(before: .distantFuture, reader))?.window.end ?? .distantPast
    }
}

extension RecordedAlert {
    /// An open window that will not keep its limit if it goes on so.
    fileprivate static func forecast(_ forecast: Forecast, desk: ObjectiveDesk) -> RecordedAlert {
        RecordedAlert(
            .forecast, .warning,
            subject: AlertLine.Subject(
                id: nil, objective: desk.name, title: desk.definition.title, indicator: desk.indicator.name,
                window: forecast.span, value: forecast.value, limit: forecast.limit,
                unit: desk.definition.shownUnit(desk.indicator, at: forecast.window.start)),
            details: [
                .init("projection", .number(forecast.projection)), .init("remaining", .number(forecast.remaining)),
            ],
            message: PlainWords(desk.definition, indicator: desk.indicator, calendar: desk.calendar).forecast(forecast))
    }
}
