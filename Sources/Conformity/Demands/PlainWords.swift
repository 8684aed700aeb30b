import Indicators
import Metering

/// Says in plain words what an objective demands and what was measured, for the person who is called at night.
///
/// Times are local, numbers have six digits unless more are needed to tell a value from its limit.
package struct PlainWords: Sendable {
    let objective: ObjectiveDefinition
    let demand: any Demand
    let indicator: IndicatorDefinition
    let calendar: SiteCalendar

    /// The words for one objective and its indicator.
    package init(_ objective: ObjectiveDefinition, indicator: IndicatorDefinition, calendar: SiteCalendar) {
        self.objective = objective
        demand = objective.requirement.demand
        self.indicator = indicator
        self.calendar = calendar
    }

    /// The objective's title, or its name.
    package var title: String { objective.title ?? objective.name }

    /// What the indicator is called.
    var what: String { indicator.title ?? indicator.name }

    /// What its windows are called.
    var windows: String { CalendarWords.windows(indicator.rule) }

    /// The unit of what is shown; nil for a share, and for a number of windows.
    package var unit: String? { objective.shownUnit(indicator, at: .distantFuture) }

    /// What the objective demands, as one sentence without a full stop.
    package var requirement: String {
        let sentence = demand.sentence(self)
        return objective.raiseAfter > 1
            ? sentence + ", not \(objective.raiseAfter) windows in a row otherwise" : sentence
    }

    /// The sentence of a nonconformity that is raised: what, how bad, since when, by which rule, who answers for it.
    package func raised(_ episode: Episode) -> String {
        var sentence = "\(title): \(finding(episode.peak, episode.limit))"
        sentence += " \(stretch(episode.onset, episode.raisedAt))"
        if objective.raiseAfter > 1 { sentence += ", \(objective.raiseAfter) windows in a row" }
        return ([sentence] + source).joined(separator: "; ")
    }

    /// The sentence of an episode that lasts: how bad it has become, and since when.
    package func appended(_ episode: Episode) -> String {
        let since = CalendarWords.time(episode.onset, in: calendar)
        return "\(title): still not met since \(since), at worst \(finding(episode.peak, episode.limit))"
    }

    /// The sentence of an episode that ended: by which value and limit it is over, how long it was not met and how long
    /// it took until it cleared, how bad it was.
    package func cleared(_ found: Nonconformity) -> String {
        guard let clearedAt = found.clearedAt else { return "\(title): still not met" }
        var sentence = "\(title): met again"
        if let last = found.windows.last { sentence += " with \(shown(last.value, beside: last.limit))" }
        let now = limitsNow(found)
        sentence += ", the limit is \(now.map(shownBare).joined(separator: " and "))"
        if let raisedOn = found.limitAtRaising, !now.contains(raisedOn) {
            sentence += " now, it was raised on the limit \(shownBare(raisedOn))"
        }
        let length = CalendarWords.duration(clearedAt - found.onset)
        return sentence + "; not met for \(CalendarWords.duration(found.timeNotMet)) in all, cleared \(length) after it"
            + " began (\(stretch(found.onset, clearedAt))), at worst \(finding(found.peak, found.limit))"
    }

    /// The limits that hold when an episode clears: two where a value must lie between them.
    package func limitsNow(_ found: Nonconformity) -> [Double] { demand.limitsNow(found) }

    /// A value as its kind is told: a share in percent.
    private func shown(_ value: Double?, beside limit: Double?) -> String {
        switch demand.shown {
        case .share: value.map(CalendarWords.percentage) ?? "no value"
        case .indicator, .change: number(value, beside: limit)
        case .number: value.map { CalendarWords.number($0) } ?? "no value"
        case .windows: value.map(CalendarWords.windowCount) ?? "no value"
        }
    }

    private func shownBare(_ value: Double) -> String {
        switch demand.shown {
        case .share: CalendarWords.percentage(value)
        case .indicator, .windows, .change, .number: bare(value)
        }
    }

    /// The sentence of a nonconformity that a revision put right.
    package func putRight(_ nonconformity: Nonconformity) -> String {
        "\(title): put right by late or corrected readings; it had been raised for"
            + " \(finding(nonconformity.peak, nonconformity.limit))"
            + " \(stretch(nonconformity.onset, nonconformity.raisedAt)) and stays on record"
    }

    /// The sentence of a window that gave a warning.
    package func warning(_ judged: JudgedWindow) -> String { demand.warning(judged, self) }

    /// The permit or policy, and who answers for the objective, where they are known.
    private var source: [String] { [objective.reference, objective.responsible].compactMap { $0 } }

    /// A value and how it lies to its limit, e.g. `231.4 mg/m3 over the limit 200 (by 15.7 %)`.
    func finding(_ value: Double?, _ limit: Double?) -> String {
        guard let value, let limit else { return "no value" }
        return demand.finding(value, limit, self)
    }

    /// A value near a limit: what is said where a kind of demand has nothing more to say.
    func nearLimit(_ judged: JudgedWindow) -> String {
        "\(title): \(number(judged.value)) near the limit \(bare(judged.limit))"
            + " \(stretch(judged.window.start, judged.window.end))"
    }

    /// How a value lies to a limit, and by how much.
    func excess(_ value: Double, _ limit: Double, name: String) -> String {
        let side = value > limit ? "over" : value < limit ? "under" : "at"
        let text = "\(number(value, beside: limit)) \(side) the \(name) \(bare(limit))"
        guard limit != 0, value != limit else { return text }
        let part = abs(value - limit) / abs(limit)
        return part >= 0.001 && part < 100 ? text + " (by \(CalendarWords.percentage(part)))" : text
    }

    /// A number with the indicator's unit; with all its digits where six would make it look like the other.
    func number(_ value: Double?, beside other: Double? = nil) -> String {
        guard let value else { return "no value" }
        var digits = CalendarWords.number(value)
        if let other, value != other, digits == CalendarWords.number(other) { digits = CanonicalJSON.text(of: value) }
        return unit.map { "\(digits) \($0)" } ?? digits
    }

    /// A number without its unit.
    func bare(_ value: Double?) -> String { value.map { CalendarWords.number($0) } ?? "none" }

    /// `from 2026-11-22 09:00 to 09:30`, the second date only where it is another.
    func stretch(_ start: Instant, _ end: Instant) -> String {
        let from = CalendarWords.time(start, in: calendar)
        let to = CalendarWords.time(end, in: calendar)
        let isSameDay = from.prefix(10) == to.prefix(10)
        return "from \(from) to \(isSameDay ? String(to.dropFirst(11)) : to)"
    }
}
