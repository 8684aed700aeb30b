import Metering

/// The life of one nonconformity among people: which step may follow, and what it must bring. Pure.
///
/// It is the sum of its steps, so it is rebuilt from them; a step that is refused changes nothing.
package struct NonconformityLifecycle: Sendable, Hashable {
    /// A planned action.
    package struct Action: Sendable, Hashable {
        /// From 1.
        package var number: Int
        package var text: String
        package var owner: String
        /// The day by which it is done.
        package var due: String
        package var effectiveWhen: String?
        /// The control that it changes; nil: it is a repair.
        package var control: String?
        /// Which operation counts for the criterion.
        package var operation = ComparableOperation()
        /// When it was planned, or its owner or day was changed last.
        package var plannedAt: Instant
        /// Who said that it is done; nil while it is not.
        package var doneBy: String?
        package var doneAt: Instant?

        /// Whether the day by which it is done is over and it is not done.
        package func isOverdue(on today: CivilDate) -> Bool {
            guard doneBy == nil, let day = CivilDate(due) else { return false }
            return day < today
        }
    }

    /// The nonconformity's number.
    package let id: String
    package private(set) var state = NonconformityState.open
    package private(set) var steps: [LifecycleStep] = []
    package private(set) var actions: [Action] = []
    /// How often it was reopened.
    package private(set) var reopenings = 0
    /// Whether the effect of the last actions was verified.
    package private(set) var isVerified = false
    /// When it was reopened last; nil: never.
    package private(set) var reopenedAt: Instant?
    /// Until when reminders are silent; nil: they are not.
    package private(set) var holdUntil: Instant?
    /// When the damage was limited first; nil: nobody said so.
    package private(set) var containedAt: Instant?
    /// Whether it is the third of its kind within a year.
    package private(set) var isSystemic = false
    /// What else is like it, as it was listed with the last cause.
    package private(set) var similar: [SimilarCase] = []
    /// By number, from 1, the step with which somebody looked at a similar case.
    package private(set) var looked: [Int: LifecycleStep] = [:]
    let hasSingleOperator: Bool
    private(set) var decidedOnNoAction: String?

    /// The life as its steps left it; `hasSingleOperator`: the site has one operator and says so, who may close what he did.
    package init(id: String, steps: [LifecycleStep] = [], hasSingleOperator: Bool = false) {
        self.id = id
        self.hasSingleOperator = hasSingleOperator
        for step in steps { apply(step) }
    }

    /// The actions whose effect is watched: those with a criterion, once all are done.
    package var watchedCriteria: [String] { state == .verifying ? actions.compactMap(\.effectiveWhen) : [] }

    /// Since when the effect is watched: when the last action was done, or it was decided that there is none.
    package var watchedSince: Instant? {
        guard state == .verifying else { return nil }
        return steps.last { $0.kind == .done || $0.kind == .action }?.time
    }

    /// Takes a step, or throws why not; the step is returned as it is to be recorded, with its action's number.
    ///
    /// `effect` is what the telemetry says about each watched criterion; only ``LifecycleStep/Kind/verify`` asks for it.
    /// `isOngoing`: the condition still lasts, so nothing of it can be verified or closed.
    package mutating func take(
        _ step: LifecycleStep, effect: [String: Effectiveness] = [:], isOngoing: Bool = false
    ) throws(LifecycleRefusal) -> LifecycleStep {
        try check(step, effect)
        if isOngoing, [.verify, .close].contains(step.kind) { throw .stillOngoing(id: id, step: step.kind) }
        if !isOngoing, step.kind == .clear { throw .endedAlready(id: id) }
        var taken = step
        if step.kind == .action, step.isNoAction != true { taken.action = actions.count + 1 }
        apply(taken)
        return taken
    }

    /// The step that the daemon takes by itself when a watched criterion has failed; nil while none has.
    package func reopening(after effect: [String: Effectiveness], at time: Instant) -> LifecycleStep? {
        for criterion in watchedCriteria {
            guard case .failed? = effect[criterion], let finding = effect[criterion]?.sentence else { continue }
            return LifecycleStep(.reopen, by: "emsd", at: time, text: "'\(criterion)' is \(finding)")
        }
        return nil
    }

    /// The step that the daemon takes by itself when the objective breaks again while the effect is verified; nil otherwise.
    package func reopening(brokenBy other: String, at time: Instant) -> LifecycleStep? {
        guard state == .verifying else { return nil }
        return LifecycleStep(.reopen, by: "emsd", at: time, text: "the objective broke again: \(other)", other: other)
    }

    /// What to do next, as a command; nil where nothing is due.
    package var nextStep: String? {
        switch state {
        case .planned:
            let open = actions.first { $0.doneBy == nil }?.number ?? 1
            return "emsctl nc done \(id) --action \(open) --text \"what was done\""
        case .verifying where isVerified: return "emsctl nc close \(id), by another person than who did the action"
        default: return state.nextStep(id)
        }
    }

    private mutating func apply(_ step: LifecycleStep) {
        steps.append(step)
        switch step.kind {
        case .raise: state = .open
        case .acknowledge: state = .acknowledged
        case .contain: containedAt = min(containedAt ?? .distantFuture, step.takesEffect)
        case .cause:
            if state != .planned { state = .analysed }
            if let listed = step.similar { (similar, looked) = (listed, [:]) }
        case .extent: if let item = step.item { looked[item] = step }
        case .action: plan(step)
        case .amend: amend(step)
        case .done:
            if let index = actions.firstIndex(where: { $0.number == step.action }) {
                actions[index].doneBy = step.by
                actions[index].doneAt = step.time
            }
            verifyOnceDone()
        case .verify: isVerified = true
        case .close: state = .closed
        case .reject: state = .rejected
        case .hold: holdUntil = step.takesEffect
        case .resume: holdUntil = nil
        case .systemic: isSystemic = true
        case .comment, .clear: break
        case .reopen: reopen(at: step.time)
        }
    }

    private mutating func plan(_ step: LifecycleStep) {
        state = .planned
        isVerified = false
        guard let number = step.action else {
            decidedOnNoAction = step.by
            return verifyOnceDone()
        }
        var action = Action(
            number: number, text: step.text, owner: step.owner ?? "", due: step.due ?? "",
            effectiveWhen: step.effectiveWhen, control: step.control, plannedAt: step.time)
        action.operation = ComparableOperation(point: step.comparable, least: step.operating ?? 0)
        actions.append(action)
    }

    private mutating func amend(_ step: LifecycleStep) {
        guard let index = actions.firstIndex(where: { $0.number == step.action }) else { return }
        if let owner = step.owner { actions[index].owner = owner }
        if let due = step.due { actions[index].due = due }
        actions[index].plannedAt = step.time
    }

    private mutating func reopen(at time: Instant) {
        state = .reopened
        reopenings += 1
        reopenedAt = time
        isVerified = false
        decidedOnNoAction = nil
        // What did not hold is not watched again; the new action brings its own criterion.
        for index in actions.indices { actions[index].effectiveWhen = nil }
    }

    private mutating func verifyOnceDone() {
        if actions.allSatisfy({ $0.doneBy != nil }) { state = .verifying }
    }
}
