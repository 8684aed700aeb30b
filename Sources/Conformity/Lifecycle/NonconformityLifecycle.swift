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
        /// Who said that it is done; nil while it is not.
        package var doneBy: String?
        package var doneAt: Instant?

        /// Whether the day by which it is done is over and it is not done.
        package func isOverdue(on today: CivilDate) -> Bool {
            guard doneBy == nil, let day = CivilDate(text: due) else { return false }
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
    private let hasSingleOperator: Bool
    private var decidedOnNoAction: String?

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
        case .cause: if state != .planned { state = .analysed }
        case .action:
            state = .planned
            if let number = step.action {
                actions.append(
                    Action(
                        number: number, text: step.text, owner: step.owner ?? "", due: step.due ?? "",
                        effectiveWhen: step.effectiveWhen))
            } else {
                decidedOnNoAction = step.by
                verifyOnceDone()
            }
        case .done:
            if let index = actions.firstIndex(where: { $0.number == step.action }) {
                actions[index].doneBy = step.by
                actions[index].doneAt = step.time
            }
            verifyOnceDone()
        case .verify: isVerified = true
        case .close: state = .closed
        case .reject: state = .rejected
        case .comment: break
        case .reopen:
            state = .reopened
            reopenings += 1
            isVerified = false
            decidedOnNoAction = nil
            // What did not hold is not watched again; the new action brings its own criterion.
            for index in actions.indices { actions[index].effectiveWhen = nil }
        }
    }

    private mutating func verifyOnceDone() {
        if actions.allSatisfy({ $0.doneBy != nil }) { state = .verifying }
    }

    private func check(_ step: LifecycleStep, _ effect: [String: Effectiveness]) throws(LifecycleRefusal) {
        if step.kind == .comment { return try demand(step.text, step, "what") }
        let allowed = NonconformityLifecycle.states(before: step.kind)
        guard allowed.contains(state) else {
            throw .wrongState(id: id, step: step.kind, state: state, allowed: allowed)
        }
        switch step.kind {
        case .raise, .comment: break
        case .acknowledge: try demand(step.text, step, "what was done at once, or why nothing")
        case .cause:
            try demand(step.text, step, "what the cause is")
            if step.category == nil {
                let words = LifecycleStep.Category.allCases.map(\.rawValue).joined(separator: ", ")
                throw .missing(id: id, step: .cause, what: "where the cause lies: one of \(words)")
            }
        case .action: try checkAction(step)
        case .done: try checkDone(step)
        case .verify:
            try demand(step.text, step, "how the effect shows")
            try demandAnotherPerson(step)
            for criterion in watchedCriteria {
                if case .met? = effect[criterion] { continue }
                let finding = effect[criterion]?.sentence ?? "not looked at yet"
                throw .notEffective(id: id, criterion: criterion, finding: finding)
            }
        case .close:
            guard isVerified else { throw .notVerified(id: id) }
            try demandAnotherPerson(step)
        case .reject: try demand(step.text, step, "why it is none")
        case .reopen: try demand(step.text, step, "what did not hold")
        }
    }

    /// Whether it worked is not for those to say who did it.
    private func demandAnotherPerson(_ step: LifecycleStep) throws(LifecycleRefusal) {
        if hasSingleOperator { return }
        let doers = actions.flatMap { [$0.doneBy, $0.owner] } + [decidedOnNoAction]
        if doers.contains(step.by) { throw .samePerson(id: id, step: step.kind, by: step.by) }
        if step.by == "root" { throw .nobodyInParticular(id: id, step: step.kind) }
    }

    private func checkAction(_ step: LifecycleStep) throws(LifecycleRefusal) {
        if step.isNoAction == true {
            guard step.owner == nil, step.due == nil, step.effectiveWhen == nil else {
                throw .malformed(id: id, what: "an action that is not needed has no owner, date or criterion")
            }
            guard actions.allSatisfy({ $0.doneBy != nil }) else {
                throw .malformed(id: id, what: "an action is planned and not done, so it cannot be that there is none")
            }
            return try demand(step.text, step, "why no action is needed (--none --reason)")
        }
        try demand(step.text, step, "what is to be done")
        try demand(step.owner ?? "", step, "who does it (--owner), or that none is needed (--none --reason)")
        guard let due = step.due else { throw .missing(id: id, step: .action, what: "by when it is done (--due)") }
        guard CivilDate(text: due) != nil else {
            throw .malformed(id: id, what: "'\(due)' is no date: write --due as 2026-12-31")
        }
        if let criterion = step.effectiveWhen {
            do { _ = try EffectivenessCriterion(criterion) } catch {
                let form = "<indicator> <= <limit> for <n> windows"
                throw .malformed(id: id, what: "'\(criterion)' is not of the form '\(form)': \(error.message)")
            }
        }
    }

    private func checkDone(_ step: LifecycleStep) throws(LifecycleRefusal) {
        guard let number = step.action else {
            throw .missing(id: id, step: .done, what: "which action was done (--action N)")
        }
        guard let action = actions.first(where: { $0.number == number }) else {
            throw .unknownAction(id: id, action: number, count: actions.count)
        }
        guard action.doneBy == nil else { throw .alreadyDone(id: id, action: number) }
        try demand(step.text, step, "what was done")
        for digest in step.evidence ?? [] where digest.count != 64 || !digest.allSatisfy(\.isHexDigit) {
            throw .malformed(id: id, what: "'\(digest)' is no SHA-256 of an evidence file: it has 64 hex digits")
        }
    }

    private func demand(_ text: String, _ step: LifecycleStep, _ what: String) throws(LifecycleRefusal) {
        if text.allSatisfy(\.isWhitespace) { throw .missing(id: id, step: step.kind, what: what) }
    }

    private static func states(before kind: LifecycleStep.Kind) -> [NonconformityState] {
        switch kind {
        case .acknowledge: [.open, .reopened]
        case .cause: [.acknowledged, .analysed, .planned, .reopened]
        case .action: [.analysed, .planned, .reopened]
        case .done: [.planned]
        case .verify, .close, .reopen: [.verifying]
        case .raise: []
        case .reject: NonconformityState.allCases.filter { !$0.isFinal }
        case .comment: NonconformityState.allCases
        }
    }
}

extension CivilDate {
    /// The date written as `2026-12-31`; nil for anything else.
    init?(text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.map(\.count) == [4, 2, 2], let year = Int(parts[0]), let month = Int(parts[1]),
            let day = Int(parts[2])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }
}
