import Conformity
import Indicators
import Metering

/// What a recorder holds, and how far its engine is ahead of the store in it.
struct UnstoredReadings {
    /// An objective's judge on trial, and the last verdict of a window that it could judge.
    private struct Trial {
        var judge: ObjectiveJudge
        var lastVerdict: Verdict?
    }

    /// In order of time.
    var readings: [Reading] = []
    /// How many of them the engine has taken.
    var taken = 0
    /// What the engine found in them, in order.
    private(set) var outputs: [EngineOutput] = []
    /// Whether something of it should not wait.
    private(set) var isUrgent = false
    /// By objective.
    private var trials: [Int: Trial] = [:]
    /// By indicator, the end of the window closed last in the outputs.
    private var closedEnds: [Int: Instant] = [:]

    /// The engine has to begin again.
    mutating func forget() {
        let readings = readings
        self = UnstoredReadings()
        self.readings = readings
    }

    /// Keeps what the engine found until the next commit, and looks whether that should be now.
    mutating func take(_ output: EngineOutput, _ recorder: Recorder) {
        guard !output.isEmpty else { return }
        outputs.append(output)
        // What is found about closed windows is found with the engine where it stands.
        isUrgent = isUrgent || !output.ledger.isEmpty || !output.reopened.isEmpty
        for value in output.closed {
            isUrgent = isUrgent || comesLate(value, recorder) || concerns(value, recorder)
            closedEnds[value.indicator] = value.window.end
        }
    }

    /// Whether an indicator over this one has closed the window already.
    private func comesLate(_ value: IndicatorValue, _ recorder: Recorder) -> Bool {
        recorder.users[value.indicator].contains { user in
            let closedEnd = closedEnds[user] ?? recorder.closedEnds[user]
            return closedEnd.map { $0 >= value.window.end } ?? false
        }
    }

    /// Whether a verdict about the value would be told to somebody, or cannot be known without the store.
    private mutating func concerns(_ value: IndicatorValue, _ recorder: Recorder) -> Bool {
        if recorder.isWatched(value.indicator) { return true }
        for objective in recorder.objectives {
            let definition = objective.definition
            if definition.guardIndicator == value.indicator { return true }
            guard definition.indicator == value.indicator, value.window.end > objective.since else { continue }
            if definition.requirement.demand.baseline != nil { return true }
            guard definition.guardIndicator == nil, objective.waiting.isEmpty else { return true }
            var trial = trials[objective.index] ?? Trial(judge: objective.judge, lastVerdict: objective.lastVerdict)
            let context = ObjectiveJudge.Context(recordStart: recorder.recordStart ?? value.window.start)
            let (judged, events) = trial.judge.judge(value, context)
            if let judged {
                if judged.verdict == .warning, trial.lastVerdict == .met || trial.lastVerdict == nil { return true }
                if judged.verdict != .notEvaluable { trial.lastVerdict = judged.verdict }
            }
            trials[objective.index] = trial
            if !events.isEmpty { return true }
        }
        return false
    }
}
