import Indicators
import Metering
import TestKit
import Testing

@testable import Conformity

func instant(_ text: String) throws -> Instant { try #require(Instant(text)) }

func calendar(_ identifier: String = "Europe/Stockholm") throws -> SiteCalendar {
    // A calendar looks up its zone's changes of a century, which the tests need not do a hundred times.
    let known = knownCalendars[identifier] ?? SiteCalendar(identifier: identifier)
    return try #require(known)
}

private let knownCalendars = Dictionary(
    uniqueKeysWithValues: ["Europe/Stockholm", "UTC"].compactMap { name in
        SiteCalendar(identifier: name).map { (name, $0) }
    })

func rule(_ text: String, every: String? = nil) throws -> WindowRule {
    let length = try #require(CalendarLength(text))
    guard let every else { return try #require(WindowRule(plain: length)) }
    let step = try #require(CalendarLength(every))
    var rolling = try #require(WindowRule(plain: step))
    rolling.rolling = length
    return rolling
}

func indicator(_ name: String = "nox", unit: String? = "mg/m3", rule: WindowRule) -> IndicatorDefinition {
    IndicatorDefinition(
        name: name, unit: unit, rule: rule, formula: .leaf(.point(.mean, 0)), formulaText: "mean(stack.nox)")
}

func objective(
    _ requirement: Requirement, decimals: Int? = nil, raiseAfter: Int = 1, clearAfter: Int = 1,
    clearAt: Double? = nil, active: Window? = nil, guardIndicator: Int? = nil
) -> ObjectiveDefinition {
    ObjectiveDefinition(
        name: "nox_permit", title: "NOx below the permit limit", indicator: 0, requirement: requirement,
        decimals: decimals, raiseAfter: raiseAfter, clearAfter: clearAfter, clearAt: clearAt, severity: .major,
        active: active,
        guardIndicator: guardIndicator)
}

/// A judge over windows of one rule, fed with numbers.
final class Bench {
    var judge: ObjectiveJudge
    var verdicts: [JudgedWindow] = []
    var events: [EpisodeEvent] = []
    private var window: Window
    private let windows: WindowSequence
    private let recordStart: Instant

    init(
        _ definition: ObjectiveDefinition, rule: WindowRule, from start: Instant, recordStart: Instant? = nil,
        in calendar: SiteCalendar
    ) {
        judge = ObjectiveJudge(definition, objective: 0, indicator: indicator(rule: rule), calendar: calendar)
        windows = WindowSequence(rule, calendar: calendar)
        window = windows.first(endingAfter: start)
        self.recordStart = recordStart ?? start
    }

    /// The same bench once more.
    init(_ other: Bench) {
        judge = other.judge
        verdicts = other.verdicts
        events = other.events
        window = other.window
        windows = other.windows
        recordStart = other.recordStart
    }

    /// Judges the next window; a missing value is not evaluable.
    @discardableResult
    func judge(
        _ value: Double?, status: IndicatorStatus? = nil, coverage: Double = 1, base: Int64? = nil,
        flags: IndicatorFlags = [], baseline: Double? = nil, guardHolds: Bool? = nil,
        model: ModelledWindow? = nil
    ) -> JudgedWindow? {
        let measured = IndicatorValue(
            indicator: 0, window: window, value: value, status: status ?? (value == nil ? .undefined : .valid),
            coverage: coverage, base: base ?? window.length, flags: flags)
        var context = ObjectiveJudge.Context(recordStart: recordStart, baseline: baseline, guardHolds: guardHolds)
        context.model = model
        let (verdict, found) = judge.judge(measured, context)
        if let verdict { verdicts.append(verdict) }
        events += found
        window = windows.next(after: window)
        return verdict
    }

    /// Sets the judge's memory; false where the bytes are none.
    func restore(_ memory: [UInt8]) -> Bool { judge.restore(memory) }

    /// The episodes as they ended up.
    var episodes: [Episode] {
        var byOnset: [Instant: Episode] = [:]
        for event in events { byOnset[event.episode.onset] = event.episode }
        return byOnset.values.sorted { $0.onset < $1.onset }
    }
}
