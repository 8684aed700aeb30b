import Indicators
import Metering

/// How an objective's open window, or the period that it adds up, goes on at the present rate (Rules 9).
package struct Forecast: Sendable, Hashable {
    /// Index of the objective in the configuration's order.
    package var objective: Int
    /// The open window.
    package var window: Window
    /// What the limit is for: the window, or the period of a budget.
    package var span: Window
    /// The value so far: of a budget, the sum of its period.
    package var value: Double
    /// The value at the end of ``span``, if it goes on as it has since its beginning.
    package var projection: Double
    package var limit: Double?
    /// What may still be emitted or used in the rest: an amount, or the mean that the rest may have; nil where that is not one
    /// number.
    package var remaining: Double?
    /// Whether the limit cannot be kept at that rate.
    package var isLost: Bool
    /// Whether it is broken already, whatever comes.
    package var isBroken: Bool
    /// Whether enough of ``span`` has passed, and is known, to tell people.
    package var isTelling: Bool
}

extension ObjectiveJudge {
    /// The forecast of an open window by the value it has so far; nil where none can be made, or the window will not be judged.
    ///
    /// It is the judge itself that says what the projected value would be found to be. `growth` is the indicator's; `ofWindows`: it is
    /// computed from the windows of others.
    package func forecast(
        of running: IndicatorValue, _ growth: Growth, ofWindows: Bool = false, _ context: Context, now: Instant
    ) -> Forecast? {
        guard demand.shown == .indicator, let value = running.value, now > running.window.start else { return nil }
        let length = Double(running.window.length)
        let elapsed = Double(min(now, running.window.end) - running.window.start)
        // What is made of windows is known up to the last of them.
        let known = ofWindows ? min(elapsed, running.coverage * length) : elapsed
        guard known > 0 else { return nil }
        let projected = growth == .amount || growth == .rate ? value * length / max(known, 1) : value
        guard let end = judged(running, as: projected, context), let sofar = judged(running, as: value, context) else {
            return nil
        }
        let span = demand.addsUpAmounts ? period(of: running.window) : running.window
        var forecast = Forecast(
            objective: objective, window: running.window, span: span, value: value, projection: projected,
            limit: end.limit, remaining: nil, isLost: end.verdict == .notMet,
            isBroken: growth == .amount && sofar.verdict == .notMet
                && (sofar.limit.map { comparison.isAbove(value, $0) } ?? false),
            isTelling: elapsed >= length / 4 && running.coverage * length >= elapsed / 2)
        if demand.addsUpAmounts {
            takePeriod(&forecast, sum: sofar.value, context, now: now)
        } else if let limit = end.limit, !demand.hasLowerLimitOnly {
            let left = length - elapsed
            switch growth {
            case .amount: forecast.remaining = max(0, limit - value)
            case .mean: forecast.remaining = left > 0 ? max(0, (limit * length - value * elapsed) / left) : nil
            case .rate: forecast.remaining = left > 0 ? max(0, (limit - value) * length / left) : nil
            case .level: break
            }
        }
        return forecast
    }

    /// Of a budget the period is what counts, and its sum so far.
    private func takePeriod(_ forecast: inout Forecast, sum: Double?, _ context: Context, now: Instant) {
        guard let sum, let limit = forecast.limit else { return }
        let start = max(forecast.span.start, context.recordStart)
        let elapsed = Double(now - start)
        forecast.value = sum
        if elapsed > 0 { forecast.projection = sum + sum / elapsed * Double(forecast.span.end - now) }
        forecast.remaining = max(0, limit - sum)
        forecast.isBroken = comparison.isAbove(sum, limit)
        forecast.isLost = comparison.isAbove(forecast.projection, limit)
        forecast.isTelling = elapsed >= Double(forecast.span.length) / 10
    }

    /// What the open window would be found to be with another value.
    private func judged(_ running: IndicatorValue, as value: Double, _ context: Context) -> JudgedWindow? {
        var whole = running
        whole.value = value
        whole.status = .valid
        var judge = self
        return judge.judge(whole, context).0
    }

    /// The period that holds the last instant of a window.
    private func period(of window: Window) -> Window {
        guard var account else { return window }
        account.enter(window)
        return account.period
    }
}
