import Indicators
import Metering

/// What an objective adds up over a calendar period: a sum, or the windows past the limit (Rules 9).
package struct PeriodAccount: Sendable {
    /// The period that holds the last instant of the window entered last; empty before the first.
    private(set) var period = Window(start: .distantPast, end: .distantPast)
    /// Budget: the indicator's sum; available: the uncovered milliseconds.
    private(set) var sum = CompensatedSum()
    /// Windows that were counted: with a number for the sum; allowance: past the limit; missing: lost.
    private(set) var count = 0
    /// Windows that were judged and evaluable, where that matters; nil: unknown, because nobody counted from the period's start on.
    private(set) var evaluable: Int? = 0
    /// What a kind of demand adds up besides, part by part; empty: nothing yet.
    private(set) var parts: [Double] = []
    /// Whether the period holds windows of another unit or other windows, so that no sum over it can be made (Rules 13).
    var isForeign = false
    private let periods: WindowSequence
    private let windows: WindowSequence
    private var knownCount: Int?
    /// The windows of the period that end after an instant.
    private var toCome: (after: Instant, count: Int)?

    /// An account over calendar periods of an indicator's windows.
    init(per rule: WindowRule, windows: WindowRule, calendar: SiteCalendar) {
        periods = WindowSequence(WindowRule(grid: rule.grid), calendar: calendar)
        self.windows = WindowSequence(windows, calendar: calendar)
    }

    /// Turns to the period of a window: the one that holds its last instant. A new period begins at zero.
    mutating func enter(_ window: Window) {
        let last = window.end - 1
        if period.contains(last) { return }
        self = PeriodAccount(self, period: periods.first(endingAfter: last))
    }

    /// Counts a window, adding its number to the sum.
    mutating func add(_ number: Double = 0) {
        sum.add(number)
        count += 1
    }

    /// Adds to one of so many further parts.
    mutating func add(_ number: Double, toPart index: Int, of count: Int) {
        if parts.count != count { parts = Array(repeating: 0, count: count) }
        parts[index] += number
    }

    /// Sets the further parts, as they were left.
    mutating func restore(parts: [Double]) { self.parts = parts }

    /// Counts windows that were judged and evaluable.
    mutating func countEvaluable(_ more: Int = 1) { evaluable = evaluable.map { $0 + more } }

    /// Turns back to the period that begins at that instant, with what had been added up by then.
    mutating func restore(periodStart: Instant, sum: CompensatedSum, count: Int, evaluable: Int?) {
        self = PeriodAccount(self, period: periods.first(endingAfter: periodStart))
        self.sum = sum
        self.count = count
        self.evaluable = evaluable
    }

    /// Turns back to the state before the first window.
    mutating func clear() { self = PeriodAccount(self, period: Window(start: .distantPast, end: .distantPast)) }

    /// Whether nothing has been counted, so that it need not be remembered.
    var isEmpty: Bool { count == 0 && evaluable ?? 0 == 0 && parts.isEmpty && !isForeign }

    /// The number of the indicator's windows that end in the period (their last instant lies in it).
    ///
    /// It is the calendar's number: windows before the record or outside `active` count too. Counted once a period, on first need.
    mutating func windowCount() -> Int {
        if let knownCount { return knownCount }
        let count = windows.countByDays(endingAfter: period.start, upTo: period.end)
        knownCount = count
        return count
    }

    /// The windows that the period can still reach: those judged and evaluable so far, and all that end after an instant.
    mutating func reachableCount(after end: Instant) -> Int {
        guard let evaluable else { return windowCount() }
        let left: Int
        if let toCome, toCome.after <= end {
            left = toCome.count - windows.count(endingAfter: toCome.after, upTo: min(end, period.end))
        } else {
            left = windows.countByDays(endingAfter: end, upTo: period.end)
        }
        toCome = (end, left)
        return evaluable + left
    }

    private init(_ other: PeriodAccount, period: Window) {
        periods = other.periods
        windows = other.windows
        self.period = period
    }
}

extension WindowSequence {
    /// The same as ``count(endingAfter:upTo:)``, with a division for each whole local day.
    func countByDays(endingAfter after: Instant, upTo: Instant) -> Int {
        guard case .partOfDay(let length) = rule.grid, !mayBeEmpty else {
            return count(endingAfter: after, upTo: upTo)
        }
        var total = 0
        var from = after
        while from < upTo {
            let date = calendar.date(from)
            let start = calendar.start(of: date)
            let end = calendar.start(of: CivilDate(dayNumber: date.dayNumber + 1))
            if from == start, end <= upTo, isEven(Window(start: start, end: end), length) {
                total += Int((end - start) / length)
            } else {
                total += count(endingAfter: from, upTo: min(end, upTo))
            }
            from = end
        }
        return total
    }

    /// Whether a local day is divided into windows of the same elapsed length: it has no change of the clock, or one that
    /// they are no longer than, and divide (Rules 7).
    private func isEven(_ day: Window, _ length: Int64) -> Bool {
        let change = abs(calendar.offset(at: day.end) - calendar.offset(at: day.start))
        let isWhole = day.length == 86_400_000 || (change > 0 && length <= change && change % length == 0)
        return isWhole && day.length % length == 0 && abs(day.length - 86_400_000) == change
    }
}
