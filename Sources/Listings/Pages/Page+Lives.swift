import Conformity
import Foundation
import Metering
import Recording
import Storage

/// The life of a nonconformity as JSON.
extension Page {
    /// What is due, what is silent, what else is like it.
    func lifeMembers(of found: Nonconformity, _ life: NonconformityLifecycle) -> [CanonicalJSON.Member] {
        let due = life.deadlines(of: found, deadlines, in: record.calendar).map { deadline in
            CanonicalJSON.object([
                .init("what", .text(deadline.matter.text)), .init("due", .text(deadline.due.text)),
                .init("owner", .text(deadline.owner)), .init("overdue", .flag(deadline.isOverdue(at: now))),
            ])
        }
        let hold = life.holdUntil.flatMap { $0 > now && !life.state.isFinal ? $0.text : nil }
        return [
            .init("source", .text(found.finding?.source.rawValue)), .init("systemic", .flag(life.isSystemic)),
            .init("severity_now", .text(life.severity(of: found).rawValue)), .init("next", .text(life.nextStep)),
            .init("due", .list(due)), .init("on_hold_until", .text(hold)),
            .init("contained_at", .text(life.containedAt?.text)), .init("reopenings", .integer(life.reopenings)),
            .init("similar", .list(life.similar.enumerated().map { document($1, life.looked[$0 + 1], $0 + 1) })),
        ]
    }

    /// What is overdue of a nonconformity, in words; nil: nothing.
    func overdue(_ found: Nonconformity) throws -> String? {
        let life = try reader.life(of: found.id)
        if let end = life.holdUntil, end > now { return nil }
        let late = life.deadlines(of: found, deadlines, in: record.calendar).filter { $0.isOverdue(at: now) }
        return late.isEmpty ? nil : late.map(\.matter.text).joined(separator: ", ")
    }

    private func document(_ similar: SimilarCase, _ looked: LifecycleStep?, _ number: Int) -> CanonicalJSON {
        guard case .object(let members) = similar.canonical else { return similar.canonical }
        return .object(
            [.init("case", .integer(number))] + members + [
                .init("looked_at", .text(looked?.time.text)), .init("by", .text(looked?.by)),
                .init("affected", looked.map { .flag($0.isAffected ?? false) } ?? .null),
                .init("text", .text(looked?.text)),
            ])
    }

    func document(_ record: LifecycleRecord) -> CanonicalJSON {
        let step = try? JSONDecoder().decode(LifecycleStep.self, from: Data(record.details.utf8))
        let effect = step?.instant.map { Instant(milliseconds: $0).text }
        return .object([
            .init("time", .text(record.time.text)), .init("who", .text(record.who)), .init("step", .text(record.step)),
            .init("text", .text(step?.text)), .init("category", .text(step?.category?.rawValue)),
            .init("code", .text(step?.code?.rawValue)),
            .init("action", step?.action.map { .integer($0) } ?? .null), .init("owner", .text(step?.owner)),
            .init("due", .text(step?.due)), .init("effective_when", .text(step?.effectiveWhen)),
            .init("evidence", .list((step?.evidence ?? []).map { .text($0) })), .init("account", .text(step?.account)),
            .init("other", .text(step?.other)), .init("files", .list((step?.files ?? []).map { .text($0) })),
            .init("at", .text(step?.kind == .contain ? effect : nil)),
            .init("until", .text(step?.kind == .hold ? effect : nil)), .init("control", .text(step?.control)),
            .init("comparable", .text(step?.comparable)),
            .init("operating", .number(step?.operating.map { Double($0) / 1000 })),
            .init("case", step?.item.map { .integer($0) } ?? .null),
            .init("affected", step?.isAffected.map { .flag($0) } ?? .null),
        ])
    }
}
