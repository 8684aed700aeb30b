import Indicators
import Metering

extension PlainWords {
    /// The story of a nonconformity in the order in which an auditor asks (for `emsctl nc show`): a name and a text a line.
    ///
    /// - Parameters:
    ///   - life: the people's steps so far.
    ///   - similar: nonconformities of other objectives in the same time.
    package func story(
        of nonconformity: Nonconformity, life: NonconformityLifecycle, similar: [Nonconformity] = []
    ) -> [String] {
        var lines = [head(nonconformity, life)]
        func say(_ name: String, _ texts: [String]) {
            for (index, text) in texts.enumerated() {
                let label = index == 0 ? name : ""
                lines.append(label + String(repeating: " ", count: max(1, 14 - label.count)) + text)
            }
        }
        say("required", [requirement] + [objective.reference].compactMap { $0 })
        say("measured", ["\(finding(nonconformity.peak, nonconformity.limit)) at worst"])
        say("readings", nonconformity.points.map(words(of:)))
        say("windows", windows(of: nonconformity))
        say("since", since(nonconformity))
        if let first = nonconformity.recurrenceOf { say("repeats", ["\(first), the same objective before"]) }
        say("containment", life.steps(.acknowledge))
        say("cause", life.steps(.cause))
        if !similar.isEmpty {
            say("at that time", similar.map { "\($0.id) \($0.objective) (\($0.condition.rawValue))" })
        }
        say(
            "actions",
            life.actions.map(words(of:)) + life.steps.filter { $0.kind == .action && $0.action == nil }.map(said))
        say("reopened", life.steps(.reopen))
        say("effect", life.steps(.verify))
        say("closed", life.steps(.close))
        say("rejected", life.steps(.reject))
        say("comments", life.steps(.comment))
        say("frozen with", ["configuration \(nonconformity.configurationDigest)"])
        say("state", [life.state.sentence])
        if let next = life.nextStep { say("next", [next]) }
        return lines
    }

    private func head(_ nonconformity: Nonconformity, _ life: NonconformityLifecycle) -> String {
        let remark = nonconformity.remark.map { ", \($0)" } ?? ""
        return "\(nonconformity.id)  \(title)  (\(nonconformity.severity.rawValue), "
            + "\(nonconformity.condition.rawValue)\(remark), \(life.state.rawValue))"
    }

    private func since(_ nonconformity: Nonconformity) -> [String] {
        func time(_ instant: Instant) -> String { CalendarWords.time(instant, in: calendar) }
        var lines = [time(nonconformity.onset), "raised \(time(nonconformity.raisedAt))"]
        if let known = nonconformity.detectedAt { lines.append("known to the daemon \(time(known))") }
        if let cleared = nonconformity.clearedAt {
            let length = CalendarWords.duration(cleared - nonconformity.onset)
            let how = nonconformity.isPutRight ? "put right by a revision" : "cleared"
            lines.append("\(how) \(time(cleared)), after \(length)")
        } else {
            lines.append("still lasting")
        }
        return lines
    }

    private func windows(of nonconformity: Nonconformity) -> [String] {
        let windows = nonconformity.windows
        guard let worst = windows.map(\.coverage).min() else { return [] }
        func count(_ verdict: Verdict) -> Int { windows.count { $0.verdict == verdict.text } }
        let counts = Verdict.allCases.compactMap { verdict in
            count(verdict) > 0 ? "\(count(verdict)) \(verdict.text)" : nil
        }
        return [
            "\(windows.count) judged: \(counts.joined(separator: ", ")); at least"
                + " \(CalendarWords.percentage(worst)) covered"
        ]
    }

    private func words(of point: EvidencePoint) -> String {
        guard let minimum = point.minimum, let maximum = point.maximum else {
            return "\(point.point): no usable reading"
        }
        return "\(point.point): \(point.count) usable, from \(bare(minimum)) to \(bare(maximum)),"
            + " first \(bare(point.first)), last \(bare(point.last))"
    }

    private func words(of action: NonconformityLifecycle.Action) -> String {
        let done = action.doneBy.map { "done by \($0)" } ?? "not done"
        let criterion = action.effectiveWhen.map { "; effective when \($0)" } ?? ""
        return "\(action.number): \(action.text) (\(action.owner), by \(action.due), \(done))\(criterion)"
    }

    private func said(_ step: LifecycleStep) -> String { "none: \(step.text) (\(step.by))" }
}

extension NonconformityLifecycle {
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

    /// What was said at each step of a kind, with who and when.
    func steps(_ kind: LifecycleStep.Kind) -> [String] {
        steps.filter { $0.kind == kind }.map { step in
            let category = step.category.map { "\($0.rawValue): " } ?? ""
            return "\(category)\(step.text) (\(step.by), \(step.time.text))"
        }
    }
}
