import Conformity
import Metering

/// Holds the nonconformities on record against those that were made once more (Rules 10).
struct NonconformityComparison {
    private struct Identity: Hashable {
        let objective: String
        let onset: Instant
    }

    private let made: [Identity: Nonconformity]
    private let madeByNumber: [String: Nonconformity]
    private let stored: [Nonconformity]

    /// All that are on record and all that were made.
    init(stored: [Nonconformity], made: [Nonconformity]) {
        self.stored = stored
        self.made = Dictionary(
            made.map { (Identity(objective: $0.objective, onset: $0.onset), $0) }, uniquingKeysWith: { $1 })
        madeByNumber = Dictionary(made.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    }

    /// The differences of those raised after `begin`, or lasting then, as their numbers with sentences; `deleted` is up to
    /// when readings are gone.
    func differences(
        after begin: Instant?, through end: Instant, deleted: Instant?, skipping: Set<String>
    ) -> [(id: String, sentence: String)] {
        var found: [(id: String, sentence: String)] = []
        var seen: Set<Identity> = []
        let numbers = Dictionary(stored.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        for one in stored where one.kind == .breach {
            let identity = Identity(objective: one.objective, onset: one.onset)
            seen.insert(identity)
            if skipping.contains(one.objective) { continue }
            guard let other = made[identity] else {
                // What a revision put right is explained by its lines; what came after the end is not made.
                if !one.isPutRight, one.raisedAt > begin ?? .distantPast, one.raisedAt <= end {
                    found.append((one.id, "\(one.id) of \(one.objective): stored, but nothing raises it"))
                }
                continue
            }
            if one.raisedAt > end, other.raisedAt > end { continue }
            if let over = one.clearedAt ?? one.withdrawnAt, over <= begin ?? .distantPast { continue }
            for (what, a, b) in fields(one, other, end: end, deleted: deleted, numbers) where a != b {
                found.append((one.id, "\(one.id) of \(one.objective), \(what): stored \(a), recomputed \(b)"))
            }
        }
        for one in made.values.sorted(by: { ($0.raisedAt, $0.id) < ($1.raisedAt, $1.id) })
        where one.kind == .breach && !seen.contains(Identity(objective: one.objective, onset: one.onset))
            && !skipping.contains(one.objective) && one.raisedAt > begin ?? .distantPast && !one.isPutRight
        {
            found.append(
                (
                    "",
                    "nonconformity of \(one.objective) with onset \(one.onset.text): raised by the readings, not stored"
                ))
        }
        return found
    }

    private func fields(
        _ one: Nonconformity, _ other: Nonconformity, end: Instant, deleted: Instant?,
        _ numbers: [String: Nonconformity]
    ) -> [(String, String, String)] {
        func text(_ number: Double?) -> String { number.map { CanonicalJSON.text(of: $0) } ?? "none" }
        func text(_ time: Instant?) -> String { time?.text ?? "none" }
        func recurrence(_ id: String?, _ all: [String: Nonconformity]) -> String {
            id.map { all[$0].map { "of \($0.onset.text)" } ?? $0 } ?? "none"
        }
        var fields = [
            ("condition", one.condition.rawValue, other.condition.rawValue),
            ("severity", one.severity.rawValue, other.severity.rawValue),
            ("remark", one.remark ?? "none", other.remark ?? "none"),
            ("raised at", one.raisedAt.text, other.raisedAt.text),
            ("cleared at", text(one.clearedAt), text(other.clearedAt)),
            ("withdrawn at", text(one.withdrawnAt), text(other.withdrawnAt)),
            ("peak", text(one.peak), text(other.peak)), ("limit", text(one.limit), text(other.limit)),
            ("unit", one.unit ?? "none", other.unit ?? "none"),
            ("recurrence", recurrence(one.recurrenceOf, numbers), recurrence(other.recurrenceOf, madeByNumber)),
            ("demands since", "\(one.laterDemands.map(\.definition))", "\(other.laterDemands.map(\.definition))"),
        ]
        let (a, b) = (one.windows.map(\.withoutRevision), other.windows.map(\.withoutRevision))
        if a != b {
            let place = zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(a.count, b.count)
            func say(_ all: [EvidenceWindow]) -> String {
                all.indices.contains(place) ? all[place].canonical.canonicalText : "\(all.count) windows"
            }
            fields.append(("window \(place + 1) of its evidence", say(a), say(b)))
        }
        if one.points != other.points, one.onset >= deleted ?? .distantPast {
            let place = zip(one.points, other.points).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
            func say(_ all: [EvidencePoint]) -> String {
                all.indices.contains(place) ? all[place].canonical.canonicalText : "\(all.count) points"
            }
            fields.append(("readings of its evidence", say(one.points), say(other.points)))
        }
        return fields
    }
}

extension EvidenceWindow {
    /// Which revision was judged is history; what it says is not.
    fileprivate var withoutRevision: EvidenceWindow {
        var window = self
        window.revision = nil
        return window
    }
}
