import Indicators
import Metering
import Testing

@testable import Conformity

@Suite("The life of a nonconformity")
struct LifecycleTests {
    private let time = Instant(milliseconds: 1_790_000_000_000)
    private let id = "NC-2026-0001"
    private let criterion = "nox <= 180 for 3 windows"

    private func step(_ kind: LifecycleStep.Kind, by: String = "anna", text: String = "said") -> LifecycleStep {
        LifecycleStep(kind, by: by, at: time, text: text)
    }

    private func cause(text: String = "worn nozzle") -> LifecycleStep {
        LifecycleStep(.cause, by: "anna", at: time, text: text, category: .equipment)
    }

    private func action(due: String = "2026-12-01", effectiveWhen: String? = nil) -> LifecycleStep {
        LifecycleStep(
            .action, by: "anna", at: time, text: "new nozzle", owner: "carl", due: due, effectiveWhen: effectiveWhen)
    }

    private func done(_ number: Int?, by: String = "carl") -> LifecycleStep {
        LifecycleStep(.done, by: by, at: time + 1000, text: "changed", action: number)
    }

    private func hold(until end: Instant?) -> LifecycleStep {
        var hold = step(.hold, text: "the part is ordered")
        hold.instant = end?.milliseconds
        return hold
    }

    private static let living: [NonconformityState] = [
        .open, .acknowledged, .analysed, .planned, .verifying, .reopened,
    ]

    /// A life that has got as far as that state by the usual steps.
    private func life(until state: NonconformityState, criterion: String? = nil) throws -> NonconformityLifecycle {
        var life = NonconformityLifecycle(id: id)
        let way: [(NonconformityState, LifecycleStep)] = [
            (.acknowledged, step(.acknowledge)), (.analysed, cause()), (.planned, action(effectiveWhen: criterion)),
            (.verifying, done(1)),
        ]
        for (next, step) in way where life.state != state {
            _ = try life.take(step)
            #expect(life.state == next)
        }
        switch state {
        case .closed:
            _ = try life.take(step(.verify))
            _ = try life.take(step(.close, by: "eva"))
        case .reopened: _ = try life.take(step(.reopen, by: "emsd"))
        case .rejected: _ = try life.take(step(.reject))
        default: break
        }
        #expect(life.state == state)
        return life
    }

    private func refusal(_ life: NonconformityLifecycle, _ step: LifecycleStep) -> LifecycleRefusal? {
        var life = life
        let before = life
        do {
            _ = try life.take(step, isOngoing: step.kind == .clear)
            return nil
        } catch {
            #expect(life == before, "a refused step changes nothing")
            return error
        }
    }

    @Test("from open to closed, step by step, and rebuilt from its steps it is the same")
    func wholeLife() throws {
        let life = try life(until: .closed)
        #expect(life.steps.map(\.kind) == [.acknowledge, .cause, .action, .done, .verify, .close])
        #expect(life.actions.map(\.number) == [1])
        #expect(life.actions.first?.doneBy == "carl")
        #expect(NonconformityLifecycle(id: id, steps: life.steps) == life)
    }

    @Test("each step is refused in every state that it does not belong to", arguments: LifecycleStep.Kind.allCases)
    func wrongStates(kind: LifecycleStep.Kind) throws {
        let allowed: [LifecycleStep.Kind: [NonconformityState]] = [
            .acknowledge: [.open, .reopened], .cause: [.acknowledged, .analysed, .planned, .reopened],
            .action: [.analysed, .planned, .reopened, .verifying], .done: [.planned], .verify: [.verifying], .close: [],
            .reject: Self.living, .reopen: [.verifying], .comment: NonconformityState.allCases, .raise: [],
            .contain: Self.living, .clear: Self.living, .hold: Self.living, .resume: [], .amend: [.planned],
            .extent: [], .systemic: Self.living,
        ]
        for state in NonconformityState.allCases where state != .done {
            let life = try life(until: state)
            let taken =
                switch kind {
                case .cause: cause()
                case .action: action()
                case .done: done(1)
                case .amend: LifecycleStep(.amend, by: "anna", at: time, text: "ill", action: 1, owner: "eva")
                case .hold: hold(until: time + 1)
                default: step(kind, by: "eva")
                }
            let refused = refusal(life, taken)
            #expect((refused == nil) == (allowed[kind]?.contains(state) ?? false), "\(kind) in \(state)")
        }
    }

    @Test(
        "a nonconformity is not closed by the person who did the action, unless the site has one operator and says so")
    func closing() throws {
        var life = try life(until: .verifying)
        #expect(refusal(life, step(.close, by: "eva")) == .notVerified(id: id))
        #expect(refusal(life, step(.verify, by: "carl")) == .samePerson(id: id, step: .verify, by: "carl"))
        #expect(refusal(life, step(.verify, by: "root")) == .nobodyInParticular(id: id, step: .verify))
        _ = try life.take(step(.verify, by: "anna"))
        #expect(refusal(life, step(.close, by: "root")) == .nobodyInParticular(id: id, step: .close))
        let refused = try #require(refusal(life, step(.close, by: "carl")))
        #expect(refused == .samePerson(id: id, step: .close, by: "carl"))
        #expect(
            "\(refused)" == "NC-2026-0001 cannot be closed by carl, who did the action: another operator must close it")
        #expect(refusal(life, step(.close, by: "anna")) == nil)
        let alone = NonconformityLifecycle(id: id, steps: life.steps, hasSingleOperator: true)
        #expect(refusal(alone, step(.close, by: "carl")) == nil)
        #expect(refusal(alone, step(.close, by: "root")) == nil)
    }

    @Test("every step must bring what it is for")
    func missing() throws {
        let open = NonconformityLifecycle(id: id)
        #expect(
            "\(try #require(refusal(open, step(.acknowledge, text: " "))))"
                == "'ack' of NC-2026-0001 must say what was done at once, or why nothing")
        #expect(refusal(open, step(.reject, text: "")) != nil)
        #expect(refusal(open, step(.comment, text: "")) != nil)
        let acknowledged = try life(until: .acknowledged)
        #expect(refusal(acknowledged, step(.cause)) != nil, "a cause without its category")
        #expect(refusal(acknowledged, cause(text: "")) != nil)
        let analysed = try life(until: .analysed)
        #expect(refusal(analysed, step(.action, text: "")) != nil, "no action, and no reason")
        #expect(refusal(analysed, action(due: "soon")) != nil)
        #expect(refusal(analysed, action(due: "2026-02-30")) != nil)
        #expect(refusal(analysed, LifecycleStep(.action, by: "a", at: time, text: "x", owner: "carl")) != nil)
        let faulty = try #require(refusal(analysed, action(effectiveWhen: "nox <= for 3 windows")))
        #expect("\(faulty)".contains("'for' stands where a number is expected"))
        let planned = try life(until: .planned)
        #expect(refusal(planned, done(nil)) != nil)
        #expect(refusal(planned, done(2)) == .unknownAction(id: id, action: 2, count: 1))
        var evidence = done(1)
        evidence.evidence = ["abc"]
        #expect(refusal(planned, evidence) != nil)
        evidence.evidence = [String(repeating: "0f", count: 32)]
        #expect(refusal(planned, evidence) == nil)
    }

    @Test("a hold has a reason and an end to come, and ends before it by another step")
    func holding() throws {
        var life = try life(until: .acknowledged)
        let endless = try #require(refusal(life, hold(until: nil)))
        #expect("\(endless)".contains("(--until)"))
        let past = try #require(refusal(life, hold(until: time)))
        #expect("\(past)".contains("ends later than now"))
        var unreasoned = hold(until: time + 1000)
        unreasoned.text = " "
        let silent = try #require(refusal(life, unreasoned))
        #expect("\(silent)".contains("why it has to wait"))
        #expect(refusal(life, step(.resume)) == .notOnHold(id: id))
        _ = try life.take(hold(until: time + 1000))
        #expect(life.holdUntil == time + 1000)
        #expect(life.state == .acknowledged)
        _ = try life.take(step(.resume))
        #expect(life.holdUntil == nil)
    }

    @Test("containment is said at any time, its first time counts, and nothing else moves")
    func containing() throws {
        for state in Self.living {
            var life = try life(until: state)
            _ = try life.take(step(.contain))
            var earlier = step(.contain, text: "the valve was shut by hand")
            earlier.instant = (time - 60_000).milliseconds
            _ = try life.take(earlier)
            #expect(life.state == state)
            #expect(life.containedAt == time - 60_000)
            var later = earlier
            later.instant = (time + 60_000).milliseconds
            let early = try #require(refusal(life, later))
            #expect("\(early)".contains("is still to come"))
        }
    }

    @Test("a planned action gets another owner or day with a reason, and its old owner may verify then")
    func amending() throws {
        var life = try life(until: .planned)
        func amend(_ action: Int?, owner: String? = nil, due: String? = nil, text: String = "ill") -> LifecycleStep {
            LifecycleStep(.amend, by: "anna", at: time + 500, text: text, action: action, owner: owner, due: due)
        }
        #expect(refusal(life, amend(1)) != nil, "nothing is changed")
        #expect(refusal(life, amend(nil, owner: "eva")) != nil)
        #expect(refusal(life, amend(2, owner: "eva")) == .unknownAction(id: id, action: 2, count: 1))
        #expect(refusal(life, amend(1, due: "soon")) != nil)
        #expect(refusal(life, amend(1, owner: "eva", text: "")) != nil)
        _ = try life.take(amend(1, owner: "eva", due: "2027-01-15"))
        #expect(life.actions.first?.owner == "eva")
        #expect(life.actions.first?.due == "2027-01-15")
        _ = try life.take(done(1, by: "anna"))
        #expect(refusal(life, step(.verify, by: "eva")) == .samePerson(id: id, step: .verify, by: "eva"))
        #expect(refusal(life, step(.verify, by: "carl")) == nil)
        #expect(refusal(life, amend(1, owner: "carl")) != nil, "it is done")
    }

    @Test("files of evidence come with any step, each with its digest")
    func evidence() throws {
        let open = NonconformityLifecycle(id: id)
        for kind in [LifecycleStep.Kind.acknowledge, .comment, .contain] {
            var shown = step(kind)
            shown.evidence = [String(repeating: "0f", count: 32)]
            shown.files = ["photo.jpg"]
            #expect(refusal(open, shown) == nil)
            shown.files = ["photo.jpg", "log.txt"]
            #expect(refusal(open, shown) != nil)
            shown.files = nil
            shown.evidence = ["0f"]
            #expect(refusal(open, shown) != nil)
        }
    }

    @Test("the effect is watched once the last of several actions is done")
    func severalActions() throws {
        var life = try life(until: .planned)
        let second = try life.take(action())
        #expect(second.action == 2)
        _ = try life.take(done(2))
        #expect(life.state == .planned)
        #expect(refusal(life, done(2)) == .alreadyDone(id: id, action: 2))
        _ = try life.take(done(1))
        #expect(life.state == .verifying)
    }

    @Test("what still lasts is neither verified nor closed, and the refusal says what to do")
    func stillOngoing() throws {
        var life = try life(until: .verifying)
        #expect(throws: LifecycleRefusal.stillOngoing(id: id, step: .verify)) {
            try life.take(step(.verify), isOngoing: true)
        }
        _ = try life.take(step(.verify))
        #expect(throws: LifecycleRefusal.stillOngoing(id: id, step: .close)) {
            try life.take(step(.close, by: "eva"), isOngoing: true)
        }
        #expect(life.state == .verifying)
        let said = "\(LifecycleRefusal.stillOngoing(id: id, step: .close))"
        #expect(said.contains("is still ongoing, so 'close' must wait"))
        _ = try life.take(step(.comment), isOngoing: true)
        _ = try life.take(step(.close, by: "eva"))
        #expect(life.state == .closed)
    }

    @Test("where no action is needed it is said why, and another person closes")
    func noAction() throws {
        var life = try life(until: .analysed)
        func none(_ text: String = "a single burst") -> LifecycleStep {
            LifecycleStep(.action, by: "anna", at: time, text: text, isNoAction: true)
        }
        #expect(refusal(life, none(" ")) != nil, "no reason")
        var owned = none()
        owned.owner = "carl"
        #expect(refusal(life, owned) != nil, "what is not needed has no owner")
        _ = try life.take(none())
        #expect(life.state == .verifying)
        #expect(refusal(life, step(.verify, by: "anna")) == .samePerson(id: id, step: .verify, by: "anna"))
        _ = try life.take(step(.verify, by: "eva"))
        #expect(refusal(life, step(.close, by: "anna")) == .samePerson(id: id, step: .close, by: "anna"))
        #expect(refusal(life, step(.close, by: "eva")) == nil)
        let planned = try self.life(until: .planned)
        #expect(refusal(planned, none()) != nil, "an action is planned already")
    }

    @Test("an action without an owner or a date is none: nothing moves on")
    func actionNeedsOwnerAndDate() throws {
        let analysed = try life(until: .analysed)
        #expect(
            "\(try #require(refusal(analysed, step(.action))))"
                == "'action' of NC-2026-0001 must say who does it (--owner), or that none is needed (--none --reason)")
        #expect(refusal(analysed, LifecycleStep(.action, by: "a", at: time, text: "x", owner: "carl")) != nil)
        #expect(
            refusal(analysed, LifecycleStep(.action, by: "a", at: time, text: "x", owner: " ", due: "2026-12-01"))
                != nil)
        #expect(refusal(analysed, LifecycleStep(.action, by: "a", at: time, text: "x", due: "2026-12-01")) != nil)
    }

    @Test("verification waits for the telemetry where a criterion was given, and a failure reopens")
    func effectiveness() throws {
        var life = try life(until: .verifying, criterion: criterion)
        #expect(life.watchedCriteria == [criterion])
        #expect(life.watchedSince == time + 1000)
        let waiting = try #require(refusal(life, step(.verify)))
        #expect("\(waiting)" == "NC-2026-0001 cannot be verified yet: '\(criterion)' is not looked at yet")
        let pending = Effectiveness.pending(kept: 2, of: 3)
        #expect(throws: LifecycleRefusal.self) { try life.take(step(.verify), effect: [criterion: pending]) }
        #expect(life.reopening(after: [criterion: pending], at: time) == nil)
        let failed = Effectiveness.failed(Window(start: time, end: time + 1), value: 190)
        let reopening = try #require(life.reopening(after: [criterion: failed], at: time))
        #expect(reopening.by == "emsd")
        var verified = life
        _ = try verified.take(step(.verify), effect: [criterion: .met(at: time)])
        #expect(verified.isVerified)
        _ = try life.take(reopening)
        #expect(life.state == .reopened)
        #expect(life.reopenings == 1)
        #expect(life.watchedCriteria.isEmpty)
        _ = try life.take(action(effectiveWhen: "nox <= 170 for 5 windows"))
        _ = try life.take(done(2))
        #expect(life.watchedCriteria == ["nox <= 170 for 5 windows"])
    }

    @Test("an objective that breaks again while verifying reopens, with a link; at other times it does not")
    func brokenAgain() throws {
        let verifying = try life(until: .verifying)
        let step = try #require(verifying.reopening(brokenBy: "NC-2026-0009", at: time))
        #expect(step.other == "NC-2026-0009")
        #expect(refusal(verifying, step) == nil)
        #expect(try life(until: .planned).reopening(brokenBy: "NC-2026-0009", at: time) == nil)
        #expect(try life(until: .closed).reopening(brokenBy: "NC-2026-0009", at: time) == nil)
    }

    @Test("an action is overdue from the day after its date until it is done")
    func overdue() throws {
        let planned = try life(until: .planned)
        let action = try #require(planned.actions.first)
        #expect(!action.isOverdue(on: try #require(CivilDate(year: 2026, month: 12, day: 1))))
        #expect(action.isOverdue(on: try #require(CivilDate(year: 2026, month: 12, day: 2))))
        let done = try #require(try life(until: .verifying).actions.first)
        #expect(!done.isOverdue(on: try #require(CivilDate(year: 2027, month: 1, day: 1))))
    }

    @Test("every state has a sentence, and every one that is not final says what is next")
    func sentences() {
        for state in NonconformityState.allCases {
            #expect(!state.sentence.isEmpty)
            #expect((state.nextStep(id) == nil) == state.isFinal)
        }
    }
}
