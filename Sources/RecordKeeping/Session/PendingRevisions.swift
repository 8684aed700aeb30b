import Indicators
import Metering

/// Windows of an objective that are to be judged again, because something that their verdicts used changed.
package struct VerdictDoubt {
    /// The end of the first of them.
    package var from: Instant
    /// Judging goes on at least beyond the windows that end here …
    package var through: Instant
    /// … and to one that starts here or later: all before it may say the same, and what comes then may not.
    package var start = Instant.distantPast

    /// A doubt.
    package init(from: Instant, through: Instant, start: Instant = Instant.distantPast) {
        self.from = from
        self.through = through
        self.start = start
    }
}

/// What revisions left to do in a transaction: each indicator is computed again once for all of them, each objective judged
/// again once, and the evidence of each nonconformity collected again once.
package struct PendingRevisions {
    private var stretches: [Int: [(stretch: Window, reason: String)]] = [:]
    private var doubts: [Int: [VerdictDoubt]] = [:]
    private var changed: [Int: Set<Window>] = [:]
    private var links: [(objective: Int, stretch: Window)] = []
    /// By point, where its readings or what the counter rules made of them may be others.
    private var touched: [PointIndex: [Window]] = [:]

    /// Nothing pends.
    package init() {
    }

    /// Whether nothing is to be done.
    package var isEmpty: Bool { stretches.isEmpty && doubts.isEmpty && links.isEmpty && touched.isEmpty }

    /// The closed windows of an indicator that overlap the stretch are to be computed again.
    package mutating func revise(_ indicator: Int, over stretch: Window, reason: String) {
        stretches[indicator, default: []].append((stretch, reason))
    }

    /// The verdicts of an objective from a window on are to be made again.
    package mutating func doubt(_ objective: Int, _ doubt: VerdictDoubt) {
        doubts[objective, default: []].append(doubt)
    }

    /// The value or the guard of a window that an objective judged is another; `isValue`: its value.
    package mutating func doubt(_ objective: Int, _ window: Window, isValue: Bool) {
        doubt(objective, VerdictDoubt(from: window.end, through: window.end))
        if isValue { changed[objective, default: []].insert(window) }
    }

    /// Readings of a point within a stretch are others, or are believed otherwise.
    package mutating func touch(_ point: PointIndex, _ stretch: Window) { touched[point, default: []].append(stretch) }

    /// Nonconformities of an objective with an onset in a stretch, or after it, may repeat others.
    package mutating func relink(_ objective: Int, _ stretch: Window) { links.append((objective, stretch)) }

    /// Takes the stretches in which nonconformities may repeat others.
    package mutating func takeLinks() -> [(objective: Int, stretch: Window)] {
        defer { links = [] }
        return links
    }

    /// Takes what is to be computed of an indicator, in order; stretches within a day of each other are one, since going over the
    /// readings between them costs less than beginning anew.
    package mutating func takeStretches(of indicator: Int) -> [(stretch: Window, reason: String)] {
        guard let found = stretches.removeValue(forKey: indicator) else { return [] }
        var merged: [(stretch: Window, reason: String)] = []
        for next in found.sorted(by: { $0.stretch.start < $1.stretch.start }) {
            if let last = merged.last, next.stretch.start - last.stretch.end <= 86_400_000 {
                merged[merged.count - 1].stretch.end = max(last.stretch.end, next.stretch.end)
                // What a date restates is of the definition that restates it, whatever else has it computed again.
                if next.reason == "definition-changed" { merged[merged.count - 1].reason = next.reason }
            } else {
                merged.append(next)
            }
        }
        return merged
    }

    /// Takes the doubts about an objective's verdicts, in order, and the windows of which the value is another.
    package mutating func takeDoubts(of objective: Int) -> (doubts: [VerdictDoubt], changed: Set<Window>) {
        let found = doubts.removeValue(forKey: objective) ?? []
        return (found.sorted { $0.from < $1.from }, changed.removeValue(forKey: objective) ?? [])
    }

    /// Takes the stretches in which readings of points are others.
    package mutating func takeTouched() -> [PointIndex: [Window]] {
        defer { touched = [:] }
        return touched
    }
}
