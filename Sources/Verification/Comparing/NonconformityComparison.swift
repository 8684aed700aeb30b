import Conformity
import Metering
import Storage

/// Holds the nonconformities on record against those that were made once more (Rules 10).
struct NonconformityComparison {
    private struct Identity: Hashable {
        let objective: String
        let onset: Instant
    }

    private let made: [Identity: Nonconformity]
    private let madeByNumber: [String: Nonconformity]
    private let stored: [Nonconformity]
    private let onsets: [String: Instant]
    private let renamings: (Int) -> [Renaming]

    /// All that are on record and all that were made; `onsets` are those of others, by number, that one of them may repeat;
    /// `renamings` are those after a version.
    init(
        stored: [Nonconformity], made: [Nonconformity], onsets: [String: Instant] = [:],
        renamings: @escaping (Int) -> [Renaming]
    ) {
        (self.renamings, self.onsets) = (renamings, onsets)
        self.stored = stored
        self.made = Dictionary(
            made.map { (Identity(objective: $0.objective, onset: $0.onset), $0) }, uniquingKeysWith: { $1 })
        madeByNumber = Dictionary(made.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    }

    /// The differences of those raised after `begin`, or lasting then, as their numbers with sentences; `deleted` is up to
    /// when readings are gone. Of those that last beyond `cut`, the end of a part, what they were then is held against what
    /// was made.
    func differences(
        after begin: Instant?, through end: Instant, cut: Instant?, deleted: Instant?, skipping: Set<String>
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
            for (what, a, b) in fields(one, other, cut: cut, deleted: deleted, numbers) where a != b {
                found.append((one.id, "\(one.id) of \(one.objective), \(what): stored \(a), recomputed \(b)"))
            }
        }
        for one in made.values.sorted(by: { ($0.raisedAt, $0.id) < ($1.raisedAt, $1.id) })
        where one.kind == .breach && !seen.contains(Identity(objective: one.objective, onset: one.onset))
            && !skipping.contains(one.objective) && one.raisedAt > begin ?? .distantPast && !one.isPutRight
            && one.raisedAt <= cut ?? .distantFuture
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
        _ stored: Nonconformity, _ made: Nonconformity, cut: Instant?, deleted: Instant?,
        _ numbers: [String: Nonconformity]
    ) -> [(String, String, String)] {
        var (one, other) = (stored.asOf(cut), made.asOf(cut))
        // A revision writes the points down anew, by their names of then.
        let later = renamings(stored.version ?? 0)
        for place in one.points.indices { one.points[place].point = later.present(.point, one.points[place].point) }
        for place in other.points.indices {
            other.points[place].point = later.present(.point, other.points[place].point)
        }
        // What belongs to the whole of it is known with its end.
        let isWhole = cut == nil || one.condition != .ongoing
        func text(_ number: Double?) -> String { number.map { CanonicalJSON.text(of: $0) } ?? "none" }
        func text(_ time: Instant?) -> String { time?.text ?? "none" }
        func recurrence(_ id: String?, _ all: [String: Nonconformity]) -> String {
            id.map { id in (all[id]?.onset ?? onsets[id]).map { "of \($0.text)" } ?? id } ?? "none"
        }
        var fields = [
            ("condition", one.condition.rawValue, other.condition.rawValue),
            ("severity", one.severity.rawValue, other.severity.rawValue),
            ("remark", one.remark ?? "none", other.remark ?? "none"),
            ("unit", one.unit ?? "none", other.unit ?? "none"),
        ]
        // What was believed until it was put right, and until when, depends on what had been read by then.
        if one.isPutRight, other.isPutRight { return fields }
        fields += [
            ("raised at", one.raisedAt.text, other.raisedAt.text),
            ("cleared at", text(one.clearedAt), text(other.clearedAt)),
            ("withdrawn at", text(one.withdrawnAt), text(other.withdrawnAt)),
            ("recurrence", recurrence(one.recurrenceOf, numbers), recurrence(other.recurrenceOf, madeByNumber)),
            ("demands since", "\(one.laterDemands.map(\.definition))", "\(other.laterDemands.map(\.definition))"),
        ]
        if isWhole {
            fields += [
                ("peak", text(one.peak), text(other.peak)), ("limit", text(one.limit), text(other.limit)),
            ]
        }
        let (a, b) = (one.windows.map(\.withoutRevision), other.windows.map(\.withoutRevision))
        if a != b {
            let place = zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(a.count, b.count)
            func say(_ all: [EvidenceWindow]) -> String {
                all.indices.contains(place) ? all[place].canonical.canonicalText : "\(all.count) windows"
            }
            fields.append(("window \(place + 1) of its evidence", say(a), say(b)))
        }
        if isWhole, one.points != other.points, one.onset >= deleted ?? .distantPast {
            let place = zip(one.points, other.points).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
            func say(_ all: [EvidencePoint]) -> String {
                all.indices.contains(place) ? all[place].canonical.canonicalText : "\(all.count) points"
            }
            fields.append(("readings of its evidence", say(one.points), say(other.points)))
        }
        return fields
    }
}

extension Nonconformity {
    /// As it was at an instant, as far as that follows from what it is now; nil: as it is now.
    fileprivate func asOf(_ cut: Instant?) -> Nonconformity {
        guard let cut else { return self }
        var one = self
        if let end = clearedAt, end > cut { (one.clearedAt, one.condition) = (nil, .ongoing) }
        // What ends a part ends with it what a later configuration withdraws.
        if let end = withdrawnAt, end >= cut { (one.withdrawnAt, one.condition) = (nil, .ongoing) }
        one.laterDemands.removeAll { $0.since >= cut.milliseconds }
        one.windows.removeAll { $0.end > cut.milliseconds }
        return one
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
