import Metering

/// What a step must bring, and when it may be taken.
extension NonconformityLifecycle {
    func check(_ step: LifecycleStep, _ effect: [String: Effectiveness]) throws(LifecycleRefusal) {
        try checkEvidence(step)
        if step.kind == .comment { return try demand(step.text, step, "what") }
        let allowed = NonconformityLifecycle.states(before: step.kind)
        guard allowed.contains(state) else {
            throw .wrongState(id: id, step: step.kind, state: state, allowed: allowed)
        }
        switch step.kind {
        case .raise, .comment, .systemic: break
        case .contain:
            try demand(step.text, step, "what limits the damage")
            guard step.takesEffect <= step.time else {
                throw .malformed(id: id, what: "--at \(step.takesEffect.text) is still to come: it says since when")
            }
        case .clear: try demand(step.text, step, "how it ended")
        case .extent: try checkLook(step)
        case .amend: try checkAmendment(step)
        case .hold: try checkHold(step)
        case .resume:
            guard holdUntil != nil else { throw .notOnHold(id: id) }
            try demand(step.text, step, "why it goes on")
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
            try demandChangedControl(step)
            for criterion in watchedCriteria {
                if case .met? = effect[criterion] { continue }
                let finding = effect[criterion]?.sentence ?? "not looked at yet"
                throw .notEffective(id: id, criterion: criterion, finding: finding)
            }
        case .close:
            guard isVerified else { throw .notVerified(id: id) }
            try demandAnotherPerson(step)
            try demandChangedControl(step)
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

    /// A repair ends a fault, and not what makes it come again.
    private func demandChangedControl(_ step: LifecycleStep) throws(LifecycleRefusal) {
        guard isSystemic, !actions.contains(where: { $0.control != nil && $0.doneBy != nil }) else { return }
        throw .noChangedControl(id: id, step: step.kind)
    }

    private func checkHold(_ step: LifecycleStep) throws(LifecycleRefusal) {
        try demand(step.text, step, "why it has to wait (--text)")
        guard step.instant != nil else {
            throw .missing(id: id, step: .hold, what: "until when it has to wait (--until)")
        }
        guard step.takesEffect > step.time else {
            throw .malformed(id: id, what: "a hold ends later than now, not at \(step.takesEffect.text)")
        }
    }

    private func checkLook(_ step: LifecycleStep) throws(LifecycleRefusal) {
        guard let item = step.item else {
            throw .missing(id: id, step: .extent, what: "which similar case was looked at (--case N)")
        }
        guard item >= 1, item <= similar.count else {
            throw .unknownCase(id: id, item: item, count: similar.count)
        }
        try demand(step.text, step, "what was found there")
    }

    private func checkAmendment(_ step: LifecycleStep) throws(LifecycleRefusal) {
        guard step.owner != nil || step.due != nil else {
            throw .missing(id: id, step: .amend, what: "another --owner, another --due, or both")
        }
        guard let number = step.action else {
            throw .missing(id: id, step: .amend, what: "which action is meant (--action N)")
        }
        guard let action = actions.first(where: { $0.number == number }) else {
            throw .unknownAction(id: id, action: number, count: actions.count)
        }
        guard action.doneBy == nil else { throw .alreadyDone(id: id, action: number) }
        try demand(step.text, step, "why")
        if let owner = step.owner { try demand(owner, step, "who does it (--owner)") }
        if let due = step.due { try checkDate(due) }
    }

    private func checkDate(_ due: String) throws(LifecycleRefusal) {
        guard CivilDate(due) == nil else { return }
        throw .malformed(id: id, what: "'\(due)' is no date: write --due as 2026-12-31")
    }

    /// Throws where evidence is not what it must be.
    package func checkEvidence(_ step: LifecycleStep) throws(LifecycleRefusal) {
        for digest in step.evidence ?? [] where digest.count != 64 || !digest.allSatisfy(\.isHexDigit) {
            throw .malformed(id: id, what: "'\(digest)' is no SHA-256 of an evidence file: it has 64 hex digits")
        }
        if let files = step.files, files.count != step.evidence?.count ?? 0 {
            throw .malformed(id: id, what: "each evidence file has one SHA-256")
        }
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
        try checkDate(due)
        if let control = step.control { try demand(control, step, "which control it changes (--control)") }
        if let criterion = step.effectiveWhen {
            do { _ = try EffectivenessCriterion(criterion) } catch {
                let form = "<indicator> <= <limit> for <n> windows"
                throw .malformed(id: id, what: "'\(criterion)' is not of the form '\(form)': \(error.message)")
            }
        } else if step.comparable != nil || step.operating != nil {
            throw .missing(id: id, step: .action, what: "what is compared (--effective-when)")
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
    }

    private func demand(_ text: String, _ step: LifecycleStep, _ what: String) throws(LifecycleRefusal) {
        if text.allSatisfy(\.isWhitespace) { throw .missing(id: id, step: step.kind, what: what) }
    }

    private static func states(before kind: LifecycleStep.Kind) -> [NonconformityState] {
        switch kind {
        case .acknowledge: [.open, .reopened]
        case .cause: [.acknowledged, .analysed, .planned, .reopened]
        case .action: [.analysed, .planned, .reopened, .verifying]
        case .done, .amend: [.planned]
        case .extent: [.analysed, .planned, .verifying, .reopened]
        case .verify, .close, .reopen: [.verifying]
        case .raise: []
        case .systemic, .contain, .clear, .hold, .resume, .reject: NonconformityState.allCases.filter { !$0.isFinal }
        case .comment: NonconformityState.allCases
        }
    }
}
