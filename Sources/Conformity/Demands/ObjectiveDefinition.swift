import Indicators
import Metering

/// Exceedances that a rule tolerates within a calendar period (Rules 9).
package struct Allowance: Sendable, Hashable {
    package enum Amount: Sendable, Hashable {
        /// That many windows.
        case count(Int)
        /// That share of the indicator's windows in the period.
        case share(ExactFraction, of: Windows)
    }
    /// Of which windows a share is taken.
    package enum Windows: String, Sendable, Hashable, CaseIterable {
        /// Those that the period can still reach: judged and evaluable so far, and all those to come.
        case evaluable
        /// All that the calendar has in the period.
        case calendar
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

/// What an objective demands of its indicator: one kind of demand (Rules 9).
package enum Requirement: Sendable, Hashable {
    case limits(Limits)
    case budget(Budget)
    case reduction(Reduction)
    case available(Availability)
    case missing(Missing)
    case percentile(Percentile)
    case trend(Trend)
    case rateOfChange(RateOfChange)
    case savings(Savings)
    case deviation(Deviation)
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
    /// Only windows wholly in that time of the calendar are judged; nil: all.
    package var during: RecurringTime?
    /// Index of the hidden indicator with the hours in which the objective's `while` holds; judged only where that is the whole window.
    package var guardIndicator: Int?
    /// Index of the indicator that gives what a model expects, where that is the baseline; a window waits for it.
    package var modelIndicator: Int?
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

extension ObjectiveDefinition {
    /// Indicators whose value of the same window must be known before one can be judged.
    package var companions: [Int] { [guardIndicator, modelIndicator].compactMap { $0 } }

    /// The unit of its value and limit: the indicator's, and none for a share of time or a number of windows (Rules 9).
    ///
    /// `start`: where the window begins; a dated formula may bring its own unit.
    package func shownUnit(_ indicator: IndicatorDefinition, at start: Instant) -> String? {
        switch requirement.demand.shown {
        case .indicator: indicator.unit(at: start)
        case .share, .windows, .number: nil
        case .change(let per): indicator.unit(at: start).map { "\($0)/\(per)" }
        }
    }
}
