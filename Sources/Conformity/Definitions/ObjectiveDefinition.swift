import Indicators
import Metering

/// How bad a nonconformity is; ordered `minor < major < critical`.
package enum Severity: String, Sendable, Hashable, CaseIterable, Comparable {
    case minor
    case major
    case critical

    package static func < (a: Severity, b: Severity) -> Bool {
        (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
    }
}

/// Exceedances that a rule tolerates within a calendar period (Rules 9).
package struct Allowance: Sendable, Hashable {
    package enum Amount: Sendable, Hashable {
        /// That many windows.
        case count(Int)
        /// That share of the indicator's windows that end in the period.
        case share(ExactFraction)
    }
    package var amount: Amount
    /// The calendar period, e.g. years.
    package var per: WindowRule

    /// An allowance per period.
    package init(amount: Amount, per: WindowRule) {
        self.amount = amount
        self.per = per
    }
}

/// What a reduction is measured against (Rules 9).
package enum Baseline: Sendable, Hashable {
    /// A number in the indicator's unit.
    case value(Double)
    /// The mean of the valid values of windows wholly inside the stretch.
    case mean(over: Window)
    /// The formula evaluated once over the stretch as one window, which must be valid.
    case whole(over: Window)

    /// From when windows may be judged against it.
    package var end: Instant {
        switch self {
        case .value: .distantPast
        case .mean(let stretch), .whole(let stretch): stretch.end
        }
    }
}

/// What an objective demands of its indicator (Rules 9).
package enum Requirement: Sendable, Hashable {
    /// Not above `max`, not below `min` (at least one is given); `warn` lies on the good side of `max`, or of `min` where there is no `max`.
    case limits(max: Double?, min: Double?, warn: Double?, allowance: Allowance?)
    /// The sum over the period's windows, judged or not, stays at or below the amount.
    ///
    /// Rolling windows overlap, so their sum counts the same consumption once for each window that holds it: a budget wants
    /// plain windows.
    case budget(Double, per: WindowRule)
    /// At or below baseline × (1 − reduction).
    case reduction(ExactFraction, Baseline)
    /// The coverage that the period can still reach stays at or above the share.
    ///
    /// Rolling windows overlap, so a gap counts once for each window that holds it (the value may fall below zero): the duty to
    /// measure wants an indicator over plain windows.
    case available(ExactFraction, per: WindowRule)
}

extension Requirement {
    /// The calendar period over which it adds up; nil where each window stands for itself.
    package var period: WindowRule? {
        switch self {
        case .limits(_, _, _, let allowance): allowance?.per
        case .budget(_, let rule), .available(_, let rule): rule
        case .reduction: nil
        }
    }
}

/// An objective of the environmental or energy management system.
package struct ObjectiveDefinition: Sendable, Hashable {
    package var name: String
    package var title: String?
    /// Index of its indicator in the plan.
    package var indicator: Int
    package var requirement: Requirement
    /// Decimals to which a value is rounded before it is compared with a limit; nil: compared with a tolerance.
    package var decimals: Int?
    /// Windows not met in a row that raise.
    package var raiseAfter: Int
    /// Windows met in a row that clear.
    package var clearAfter: Int
    /// A met window that is not at or past this breaks the clearing row.
    package var clearAt: Double?
    package var severity: Severity
    /// The permit, law or policy that demands it.
    package var reference: String?
    package var responsible: String?
    /// A new episode within this many milliseconds of the last one's clearing is a recurrence.
    package var recurrence: Int64
    /// Only windows wholly inside are judged; nil: all.
    package var active: Window?
    /// Index of the hidden indicator with the hours in which the objective's `while` holds; judged only where that is the whole window.
    package var guardIndicator: Int?
    /// The objective as configured, as canonical JSON: frozen into every nonconformity.
    package var source: String

    /// An objective.
    package init(
        name: String, title: String? = nil, indicator: Int, requirement: Requirement, decimals: Int? = nil,
        raiseAfter: Int = 1, clearAfter: Int = 1, clearAt: Double? = nil, severity: Severity = .minor,
        reference: String? = nil, responsible: String? = nil, recurrence: Int64 = 90 * 86_400_000,
        active: Window? = nil, guardIndicator: Int? = nil, source: String = "{}"
    ) {
        self.name = name
        self.title = title
        self.indicator = indicator
        self.requirement = requirement
        self.decimals = decimals
        self.raiseAfter = raiseAfter
        self.clearAfter = clearAfter
        self.clearAt = clearAt
        self.severity = severity
        self.reference = reference
        self.responsible = responsible
        self.recurrence = recurrence
        self.active = active
        self.guardIndicator = guardIndicator
        self.source = source
    }
}
