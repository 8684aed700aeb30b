import Conformity
import Foundation
import Indicators
import Metering
import RecordKeeping
import Storage

/// What open windows come to (Rules 9).
extension Recorder {
    /// How each objective's open window goes on at the present rate, those whose end is not known left out.
    ///
    /// Of rolling windows it is the one that ends next.
    package func forecasts(at now: Instant) throws -> [Forecast] {
        guard isOpen, recordStart != nil else { return [] }
        var open: [Int: IndicatorValue] = [:]
        for value in provisionalValues(at: now) where open[value.indicator] == nil {
            open[value.indicator] = value
        }
        return try store.read { reader in
            try objectives.compactMap { objective in
                guard let growth = objective.indicator.growth, let running = open[objective.definition.indicator],
                    running.window.end > objective.since, objective.waiting.isEmpty,
                    let context = try context(ofOpen: running, open, at: objective, now: now, reader)
                else { return nil }
                return objective.judge.forecast(
                    of: running, growth, ofWindows: !objective.indicator.indicators.isEmpty, context, now: now)
            }
        }
    }

    /// Tells people once a window that a limit can no longer be kept at the present rate, as long as it is not broken (Rules 9).
    package func warnAhead(now: Instant) throws {
        guard isLive, now >= attention.nextForecast else { return }
        attention.nextForecast = now + Recorder.forecastInterval
        let lost = try forecasts(at: now).filter { forecast in
            forecast.isLost && forecast.isTelling && !forecast.isBroken
                && objectives[forecast.objective].judge.ongoing == nil
        }
        guard !lost.isEmpty else { return }
        let news = try store.read { reader in
            try lost.filter { try reader.note(key(of: $0)) != $0.span.start.text }
        }
        guard !news.isEmpty else { return }
        try transact(now: now) { session in
            for forecast in news {
                let objective = objectives[forecast.objective]
                // What was held may have broken it.
                guard objective.judge.ongoing == nil, objective.lastJudgedEnd(session.writer) < forecast.window.end
                else {
                    continue
                }
                try session.writer.setNote(key(of: forecast), forecast.span.start.text)
                try session.alert(.forecast(forecast, objective: objective))
            }
        }
    }

    /// Milliseconds between two looks at open windows.
    private static let forecastInterval: Int64 = 5000

    private func key(of forecast: Forecast) -> String { "forecast." + objectives[forecast.objective].name }

    private func context(
        ofOpen running: IndicatorValue, _ open: [Int: IndicatorValue], at objective: ObjectiveAtWork, now: Instant,
        _ reader: StoreReader
    ) throws -> ObjectiveJudge.Context? {
        var context = ObjectiveJudge.Context(recordStart: recordStart ?? running.window.start)
        if let guardIndicator = objective.definition.guardIndicator {
            // It has held so far, as far as is known.
            let hours = open[guardIndicator]?.value ?? 0
            context.guardHolds = hours >= 0.95 * Double(now - running.window.start) / 3_600_000
            if context.guardHolds == false { return nil }
        }
        if let baseline = objective.definition.requirement.demand.baseline {
            guard running.window.start >= baseline.end else { return nil }
            (context.baseline, context.isBaselineForeign) =
                try self.baseline(baseline, of: objective, at: running.window.start, reader)
        }
        return context
    }
}

extension ObjectiveAtWork {
    /// The end of the window judged last.
    fileprivate func lastJudgedEnd(_ reader: StoreReader) -> Instant {
        (try? lastVerdict(before: .distantFuture, reader))?.window.end ?? .distantPast
    }
}
