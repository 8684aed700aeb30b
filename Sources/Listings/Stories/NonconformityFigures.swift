import Conformity
import Metering

/// One nonconformity with its life, as the figures of a review look at it.
struct ReviewedNonconformity: Sendable {
    var found: Nonconformity
    var life: NonconformityLifecycle
    /// Whether something of it is overdue now.
    var isOverdue: Bool
    /// The parts of the site that it belongs to.
    var areas: [String]
}

/// The figures of some nonconformities over a stretch (Rules 10): what was raised in it, and what people did in it.
struct NonconformityFigures {
    var raised = 0
    var closed = 0
    var open = 0
    var overdue = 0
    var systemic = 0
    /// Of those raised, the share that was reopened.
    var reopenedShare: Double?
    /// Of those whose action was held to its effect, the share that was verified and never reopened.
    var effectiveShare: Double?
    /// Median days from when it was known until a step was taken first; until the onset's containment, from the onset.
    var days: [Step: Double] = [:]
    /// Windows that were judged and evaluable.
    var judged = 0
    /// Breaches by 1,000 judged windows.
    var perThousand: Double?

    enum Step: String, CaseIterable {
        case detected, contained, acknowledged, cause, plan, done, verified, closed
    }

    init(_ all: [ReviewedNonconformity], in stretch: Window, judged: Int) {
        let raised = all.filter { stretch.contains($0.found.raisedAt) && !$0.found.isPutRight }
        self.raised = raised.count
        closed = all.count { one in one.life.steps.contains { $0.kind == .close && stretch.contains($0.time) } }
        open = raised.count { !$0.life.state.isFinal }
        overdue = all.count(where: \.isOverdue)
        systemic = raised.count { $0.life.isSystemic }
        if !raised.isEmpty { reopenedShare = Double(raised.count { $0.life.reopenings > 0 }) / Double(raised.count) }
        let held = raised.filter { $0.life.reopenings > 0 || $0.life.isVerified }
        if !held.isEmpty { effectiveShare = Double(held.count { $0.life.reopenings == 0 }) / Double(held.count) }
        for step in Step.allCases {
            let lengths = all.compactMap { one in
                one.stretch(until: step).flatMap { stretch.contains($0.end) ? $0.length : nil }
            }
            days[step] = NonconformityFigures.median(lengths).map { $0 / 86_400_000 }
        }
        self.judged = judged
        let breaches = raised.count { $0.found.kind == .breach }
        if judged > 0 { perThousand = Double(breaches) / Double(judged) * 1000 }
    }

    /// The middle one, or the mean of the two middle ones.
    static func median(_ lengths: [Int64]) -> Double? {
        guard !lengths.isEmpty else { return nil }
        let sorted = lengths.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? Double(sorted[middle]) : Double(sorted[middle - 1] + sorted[middle]) / 2
    }
}

extension ReviewedNonconformity {
    /// From where a step's time counts to when it was taken first; nil where it was not.
    fileprivate func stretch(until step: NonconformityFigures.Step) -> (end: Instant, length: Int64)? {
        let known = found.detectedAt ?? found.raisedAt
        func first(_ kind: LifecycleStep.Kind) -> Instant? { life.steps.first { $0.kind == kind }?.time }
        let end: Instant?
        switch step {
        case .detected: return found.detectedAt.map { ($0, max(0, $0 - found.onset)) }
        case .contained: return life.containedAt.map { ($0, max(0, $0 - found.onset)) }
        case .acknowledged: end = first(.acknowledge)
        case .cause: end = first(.cause)
        case .plan: end = first(.action)
        case .done:
            end =
                life.actions.isEmpty
                ? nil : life.actions.allSatisfy { $0.doneAt != nil } ? life.actions.compactMap(\.doneAt).max() : nil
        case .verified: end = first(.verify)
        case .closed: end = first(.close)
        }
        return end.map { ($0, max(0, $0 - known)) }
    }
}
