import Indicators
import Metering

/// What must hold for an action to have worked: `<indicator> <= <limit> for <n> windows`.
///
/// The telemetry decides: that many valid windows in a row that begin after the action was done. A window that is not
/// valid neither counts nor breaks the row; the first valid one that does not hold is a failure.
package struct EffectivenessCriterion: Sendable, Hashable {
    package var indicator: String
    package var comparison: Comparison
    package var limit: Double
    package var windows: Int

    /// The criterion of a text; throws what is wrong with it, at which character.
    package init(_ text: String) throws(FormulaFault) {
        var parser = try ExpressionParser(text)
        guard case .name(let indicator) = parser.next.content, !indicator.contains(".") else {
            throw parser.unexpected("the name of an indicator")
        }
        _ = parser.take()
        guard case .symbol(let symbol) = parser.next.content, let comparison = Comparison(rawValue: symbol),
            comparison != .equal, comparison != .notEqual
        else { throw parser.unexpected("one of < <= > >=") }
        _ = parser.take()
        let isNegative = parser.take(symbol: "-")
        guard case .number(let limit, _) = parser.next.content else { throw parser.unexpected("a number") }
        _ = parser.take()
        guard parser.next.content == .name("for") else { throw parser.unexpected("'for'") }
        _ = parser.take()
        guard case .number(let windows, _) = parser.next.content, windows >= 1, windows <= 1e6,
            windows == windows.rounded()
        else { throw parser.unexpected("a whole number of windows") }
        _ = parser.take()
        guard parser.next.content == .name("windows") || parser.next.content == .name("window") else {
            throw parser.unexpected("'windows'")
        }
        _ = parser.take()
        try parser.expectEnd()
        self.indicator = indicator
        self.comparison = comparison
        self.limit = isNegative ? -limit : limit
        self.windows = Int(windows)
    }

    /// The criterion as text.
    package var text: String {
        "\(indicator) \(comparison.rawValue) \(CanonicalJSON.text(of: limit)) for \(windows) window\(windows == 1 ? "" : "s")"
    }

    /// What closed windows of the indicator, ascending, say about it; those that begin before `since` do not count, and neither do those
    /// of which `counts` says that operation was another one than at the onset. `least`: the least time of such operation, in
    /// milliseconds.
    package func finding(
        in values: some Sequence<IndicatorValue>, since: Instant, least: Int64,
        counts: (IndicatorValue) throws -> Bool
    ) rethrows -> Effectiveness {
        var kept = 0
        var operation = CountedOperation(least: least)
        for value in values where value.window.start >= since && value.status == .valid {
            guard let number = value.value else { continue }
            guard try counts(value) else {
                operation.windowsLeftOut += 1
                continue
            }
            guard holds(number) else { return .failed(value.window, value: number) }
            kept += 1
            operation.time += Int64((Double(value.window.length) * value.coverage).rounded())
            if kept >= windows, operation.time >= least { return .met(at: value.window.end) }
        }
        return .pending(kept: min(kept, windows), of: windows, operation)
    }

    /// The same where operation is of no account.
    package func finding(in values: some Sequence<IndicatorValue>, since: Instant) -> Effectiveness {
        finding(in: values, since: since, least: 0) { _ in true }
    }

    private func holds(_ number: Double) -> Bool {
        let order = LimitComparison(decimals: nil).order(number, limit)
        return switch comparison {
        case .less: order < 0
        case .lessOrEqual: order <= 0
        case .greater: order > 0
        case .greaterOrEqual: order >= 0
        case .equal: order == 0
        case .notEqual: order != 0
        }
    }
}

/// The operation that counted for a criterion so far.
package struct CountedOperation: Sendable, Hashable {
    /// Valid windows that prove nothing: the plant stood still, or ran otherwise than at the onset.
    package var windowsLeftOut = 0
    /// Covered time of the windows that counted, in milliseconds.
    package var time: Int64 = 0
    /// How much of it is needed.
    package var least: Int64 = 0

    /// None so far, of at least so much.
    package init(windowsLeftOut: Int = 0, time: Int64 = 0, least: Int64 = 0) {
        self.windowsLeftOut = windowsLeftOut
        self.time = time
        self.least = least
    }
}

/// What the telemetry says about an action's effect.
package enum Effectiveness: Sendable, Hashable {
    /// So many windows of the row have held so far.
    case pending(kept: Int, of: Int, CountedOperation = CountedOperation())
    /// The row is complete, at the end of its last window.
    case met(at: Instant)
    /// A window did not hold.
    case failed(Window, value: Double)

    /// In words, after "the criterion is".
    package var sentence: String {
        switch self {
        case .pending(let kept, let windows, let operation):
            "met for \(kept) of \(windows) windows so far" + operation.clause
        case .met(let instant): "met since \(instant.text)"
        case .failed(let window, let value):
            "not met: \(CanonicalJSON.text(of: value)) from \(window.start.text) to \(window.end.text)"
        }
    }
}

extension CountedOperation {
    fileprivate var clause: String {
        var clause = ""
        if least > 0 {
            clause +=
                ", in \(CalendarWords.duration(time)) of the \(CalendarWords.duration(least)) of operation that it needs"
        }
        if windowsLeftOut > 0 {
            clause +=
                "; \(windowsLeftOut) more do\(windowsLeftOut == 1 ? "es" : "") not count, for the plant stood still or ran otherwise than"
                + " at the onset"
        }
        return clause
    }
}
