import Metering

/// What was found about one window of an objective (Rules 9).
package enum Verdict: UInt8, Sendable, Hashable, CaseIterable {
    case met = 0
    case warning = 1
    case notMet = 2
    /// The indicator's value does not stand; never the same as met.
    case notEvaluable = 3

    /// The word in CSV and JSON.
    package var text: String {
        switch self {
        case .met: "met"
        case .warning: "warning"
        case .notMet: "not_met"
        case .notEvaluable: "not_evaluable"
        }
    }
}

/// Why a window cannot be evaluated, where its value does not say it.
package enum VerdictReason: String, Sendable, Hashable, CaseIterable {
    /// The period, or the window of an indicator over others, also holds windows that another definition made (Rules 13).
    case definitionChanged = "definition-changed"
}

/// The verdict about one window, with what is shown beside it.
package struct JudgedWindow: Sendable, Hashable {
    /// Index of the objective in the configuration's order.
    package var objective: Int
    package var window: Window
    package var verdict: Verdict
    /// The indicator's value; budget: the running sum; available: the coverage still reachable.
    package var value: Double?
    /// The limit that the verdict compares with; nil where there is none yet.
    package var limit: Double?
    /// The judge's memory after this window, from which the next window or a revision goes on; opaque to others.
    package var memory: [UInt8]
    /// Why it is not evaluable, where the value does not say it.
    package var reason: VerdictReason?

    /// A verdict.
    package init(
        objective: Int, window: Window, verdict: Verdict, value: Double?, limit: Double?, memory: [UInt8] = [],
        reason: VerdictReason? = nil
    ) {
        self.reason = reason
        self.objective = objective
        self.window = window
        self.verdict = verdict
        self.value = value
        self.limit = limit
        self.memory = memory
    }
}
