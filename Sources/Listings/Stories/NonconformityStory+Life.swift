import Conformity
import Metering
import Recording

/// What people did and have to do, in words.
extension NonconformityStory {
    var kind: String {
        switch found.kind {
        case .breach: ""
        case .data: "data, "
        case .finding: (found.finding?.source.rawValue ?? "finding") + ", "
        }
    }

    /// The severity that it is treated with.
    var severity: String {
        life.isSystemic ? "systemic, \(life.severity(of: found).rawValue)" : found.severity.rawValue
    }

    /// Why it is treated otherwise than its objective says.
    var systemic: [String] {
        life.steps.filter { $0.kind == .systemic }.map { "systemic: \($0.text)" }
    }

    /// What stays of the area beyond retention, and how it is shown.
    var keptReadings: [String] {
        guard let kept else { return [] }
        let end = kept.end.map { " to \(calendar.text($0))" } ?? " on"
        return [
            "\(kept.points.count) points of its area from \(calendar.text(kept.start))\(end): emsctl readings \(found.id)",
            kept.points.joined(separator: ", "),
        ]
    }

    /// What is due, the next step first.
    var due: [String] {
        if let end = life.holdUntil, end > now, !life.state.isFinal {
            return ["on hold until \(calendar.text(end)): nobody is reminded before"]
        }
        return life.deadlines(of: found, deadlines, in: calendar).map { deadline in
            let whose = deadline.owner.map { " (\($0))" } ?? ""
            let late = deadline.lateness(at: now).map { ", overdue for \(CalendarWords.duration($0))" } ?? ""
            return "\(deadline.matter.text)\(whose) by \(deadline.text(in: calendar))\(late)"
        }
    }

    /// What a person's finding is about.
    func required(of finding: RaisedFinding) -> [String] {
        let about = [finding.objective.map { "objective \($0)" }, finding.area.map { "area \($0)" }].compactMap { $0 }
        return [finding.reference ?? finding.title] + about + (finding.responsible.map { ["responsible: \($0)"] } ?? [])
    }

    /// The similar cases, with what was found at those that were looked at.
    var similar: [String] {
        life.similar.enumerated().map { index, similar in
            let number = index + 1
            let looked = life.looked[number].map { step in
                "\(step.isAffected == true ? "affected" : "looked at"): \(step.text) (\(step.by), \(calendar.text(step.time)))"
            }
            let raised = similar.nonconformities.joined(separator: " ")
            let counts = "\(similar.windowsNotMet) windows not met" + (raised.isEmpty ? "" : ", \(raised)")
            return "\(number): \(similar.objective) on \(similar.meters.joined(separator: ", ")) "
                + "(\(similar.likeness.map(\.rawValue).joined(separator: ", ")); \(counts)): "
                + (looked ?? "not looked at: emsctl nc extent \(found.id) --case \(number) --text \"what was found\"")
        }
    }

    /// The files of evidence with their digests.
    var files: [String] {
        life.steps.flatMap { step in
            zip(step.evidence ?? [], step.files ?? Array(repeating: "file", count: step.evidence?.count ?? 0)).map {
                "\($1) \($0) (\(step.kind.rawValue), \(step.by))"
            }
        }
    }

    func words(_ action: NonconformityLifecycle.Action) -> String {
        let done = action.doneBy.map { "done by \($0)" } ?? "not done"
        let more = [
            action.control.map { "changes the control: \($0)" }, action.effectiveWhen.map { "effective when \($0)" },
            action.operation.point.map { "in operation by \($0) as at the onset" },
            action.operation.least > 0 ? "for at least \(CalendarWords.duration(action.operation.least))" : nil,
        ]
        let words = more.compactMap { $0 }.map { "; \($0)" }.joined()
        return "\(action.number): \(action.text) (\(action.owner), by \(action.due), \(done))\(words)"
    }

    func said(_ step: LifecycleStep) -> String {
        let isOfAction = step.kind == .done || step.kind == .amend
        let about = [
            step.category?.rawValue, step.code?.rawValue, isOfAction ? step.action.map { "action \($0)" } : nil,
            step.kind == .amend ? [step.owner, step.due].compactMap { $0 }.joined(separator: ", ") : nil,
            step.instant.map { _ in "\(step.kind == .hold ? "until" : "since") \(calendar.text(step.takesEffect))" },
        ]
        let link = step.kind == .reject ? step.other.map { "; instead: \($0)" } ?? "" : ""
        let said = about.compactMap { $0 } + [step.text]
        return
            "\(said.joined(separator: ": ")) (\(step.by)\(step.account.map { " as \($0)" } ?? "")\(link), \(calendar.text(step.time)))"
    }
}
