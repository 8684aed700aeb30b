/// Why a step on a nonconformity is refused.
package enum LifecycleRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The step does not belong to the state.
    case wrongState(id: String, step: LifecycleStep.Kind, state: NonconformityState, allowed: [NonconformityState])
    /// The step must bring something that is missing.
    case missing(id: String, step: LifecycleStep.Kind, what: String)
    /// The code is one of the other kind of cause.
    case wrongCode(id: String, code: CauseCode, isLostMeasurement: Bool)
    /// Something given is not what it must be.
    case malformed(id: String, what: String)
    /// There is no action of that number.
    case unknownAction(id: String, action: Int, count: Int)
    /// The action was done before.
    case alreadyDone(id: String, action: Int)
    /// The telemetry has not decided for the action yet.
    case notEffective(id: String, criterion: String, finding: String)
    /// Its condition is still ongoing: what was done has not ended it.
    case stillOngoing(id: String, step: LifecycleStep.Kind)
    /// Nobody has verified the effect yet.
    case notVerified(id: String)
    /// Who did the action may neither verify nor close.
    case samePerson(id: String, step: LifecycleStep.Kind, by: String)
    /// Nothing of it is on hold.
    case notOnHold(id: String)
    /// Only what a person raised can be ended by a person.
    case notByHand(id: String)
    /// It ended before.
    case endedAlready(id: String)
    /// There is no similar case of that number.
    case unknownCase(id: String, item: Int, count: Int)
    /// The third within a year is not ended by a repair alone.
    case noChangedControl(id: String, step: LifecycleStep.Kind)
    /// `root` may be anybody, so that it is nobody's second pair of eyes.
    case nobodyInParticular(id: String, step: LifecycleStep.Kind)

    /// Whether it is the person who may not do it, and another one may.
    package var isAboutPerson: Bool {
        switch self {
        case .samePerson, .nobodyInParticular: true
        default: false
        }
    }

    /// A sentence: what, where, what to do.
    package var description: String {
        switch self {
        case .wrongState(let id, let step, let state, let allowed):
            if state.isFinal { return "\(id) is \(state.rawValue): only a comment can be added" }
            let words = allowed.map(\.rawValue).joined(separator: " or ")
            let next = state.nextStep(id).map { "; next is: \($0)" } ?? ""
            return "\(id) is \(state.rawValue), and '\(step.word)' needs it to be \(words)\(next)"
        case .missing(let id, let step, let what): return "'\(step.rawValue)' of \(id) must say \(what)"
        case .wrongCode(let id, let code, let isLost):
            let about = isLost ? "measurement that was lost" : "a limit that was exceeded"
            return "\(id) is about \(about), which '\(code.rawValue)' does not explain: --code is one of "
                + CauseCode.words(ofLostMeasurement: isLost)
        case .malformed(let id, let what): return "\(id): \(what)"
        case .unknownAction(let id, let action, let count):
            return count == 0
                ? "\(id) has no action \(action): none is planned"
                : "\(id) has no action \(action): its actions are 1 to \(count)"
        case .alreadyDone(let id, let action): return "action \(action) of \(id) is done already"
        case .notEffective(let id, let criterion, let finding):
            return "\(id) cannot be verified yet: '\(criterion)' is \(finding)"
        case .stillOngoing(let id, let step):
            return "\(id) is still ongoing, so '\(step.rawValue)' must wait until its windows are met again and it is"
                + " cleared (emsctl nc show \(id)); if the action has not worked: emsctl nc reopen \(id) --text"
                + " \"what did not hold\""
        case .notVerified(let id):
            return
                "\(id) cannot be closed before its effect is verified: emsctl nc verify \(id) --text \"how it shows\""
        case .notOnHold(let id): return "\(id) is not on hold: there is nothing to resume"
        case .notByHand(let id):
            return
                "\(id) is cleared by what is measured, and by nobody's word: emsctl nc show \(id) tells what is not met"
        case .endedAlready(let id): return "\(id) has ended already"
        case .unknownCase(let id, let item, let count):
            return count == 0
                ? "\(id) has no similar case \(item): none is listed with its cause"
                : "\(id) has no similar case \(item): they are 1 to \(count) (emsctl nc show \(id))"
        case .noChangedControl(let id, let step):
            return
                "'\(step.rawValue)' of \(id) needs a changed control, for it is the third within a year: emsctl nc action "
                + "\(id) --text \"what\" --owner who --due +14d --control \"what works otherwise from then on\""
        case .samePerson(let id, let step, let by):
            return "\(id) cannot be \(step == .verify ? "verified" : "closed") by \(by), who did the action: "
                + "another operator must \(step.rawValue) it"
        case .nobodyInParticular(let id, let step):
            return "\(id) cannot be \(step == .verify ? "verified" : "closed") by root, who may be anybody: "
                + "an operator of api.operators must \(step.rawValue) it under his own name"
        }
    }
}
