import Conformity
import Foundation
import Metering
import Storage

/// Checks a record: the journal's chain and tree, its heads, and the seals against the readings and decisions stored.
///
/// It reads in portions, each a consistent state, so that the daemon's log can be brought in between. Nothing is repaired.
///
/// ```
/// let report = try RecordCheck(store, calendar: calendar).run()
/// print(report.text)
/// ```
package struct RecordCheck {
    private struct PortionIsOver: Error {}
    private static let portion = 2000

    private let store: PlantStore
    private let trusted: [VerifierKey]
    private let older: SignedNote?

    /// A check of a store. `trusted` are keys that the reader knows from elsewhere; without them those that the journal
    /// itself names are taken. `older` is a head that somebody kept.
    package init(_ store: PlantStore, trusting trusted: [VerifierKey] = [], since older: SignedNote? = nil) {
        self.store = store
        self.trusted = trusted
        self.older = older
    }

    /// Looks at everything; `isOver` ends it early. Each line of the journal is handed to `line`, and `progress` is told how
    /// many readings were gone over since the last call, and the day.
    package func run(
        isOver: () -> Bool = { false }, line hand: (JournalRecord) -> Void = { _ in },
        progress: (_ readings: Int, _ position: Instant) -> Void = { _, _ in }
    ) throws -> CheckReport {
        var report = CheckReport()
        var seals = SealedDays()
        var keys = trusted
        var hashes: [MerkleHash] = []
        try walkJournal(&report, isOver: isOver) { line in
            hashes.append(MerkleHash(line: line.line))
            seals.take(line)
            hand(line)
            if trusted.isEmpty, let key = Self.key(in: line) { keys.append(key) }
        }
        if report.isCutShort { return report }
        let leaves = LeafHashes(hashes)
        try checkTiles(leaves, &report)
        try checkHeads(leaves, hashes.count, keys, &report)
        try checkSeals(seals, &report, isOver: isOver, progress)
        return report
    }

    // MARK: The journal

    private func walkJournal(
        _ report: inout CheckReport, isOver: () -> Bool, _ body: (JournalRecord) -> Void
    ) throws {
        var chain = JournalChain()
        while true {
            if isOver() { return report.isCutShort = true }
            let before = chain.sequence
            try store.show { reader in
                do {
                    try reader.journal(from: chain.sequence + 1) { line in
                        guard chain.sequence - before < Self.portion else { throw PortionIsOver() }
                        var verifier = JournalVerifier(after: chain)
                        do throws(JournalFault) {
                            try verifier.check(JournalLine(sequence: line.seq, text: line.line, hash: line.hash))
                        } catch {
                            report.differs("journal: \(error.description)")
                        }
                        // What follows is held against what stands there.
                        chain = JournalChain(sequence: line.seq, hash: line.hash)
                        report.lines += 1
                        body(line)
                    }
                } catch is PortionIsOver {}
            }
            if chain.sequence == before { return }
        }
    }

    /// The verifier key that a line brings into force.
    private static func key(in line: JournalRecord) -> VerifierKey? {
        guard line.line.contains("\"type\":\"key."), let found = line.line.range(of: "\"vkey\":\"") else { return nil }
        return VerifierKey(text: String(line.line[found.upperBound...].prefix { $0 != "\"" }))
    }

    private func checkTiles(_ leaves: LeafHashes, _ report: inout CheckReport) throws {
        for tile in try store.show({ try $0.tiles(0..<Int.max) }) {
            let root = leaves.tiles.indices.contains(tile.number) ? leaves.tiles[tile.number].bytes : nil
            if tile.root != root {
                report.differs("tree: the kept root of tile \(tile.number) is not that of its lines")
            }
        }
    }

    // MARK: Heads

    private func checkHeads(
        _ leaves: LeafHashes, _ lines: Int, _ keys: [VerifierKey], _ report: inout CheckReport
    ) throws {
        let heads = try store.show { try $0.heads() }
        var last = 0
        for (index, head) in heads.enumerated() {
            report.heads += 1
            let name = "head \(head.number) of \(head.time.text)"
            guard head.number == index + 1 else { report.differs("\(name): heads before it are gone"); continue }
            guard let note = SignedNote(text: head.note), let checkpoint = Checkpoint(body: note.body) else {
                report.differs("\(name) is no signed head")
                continue
            }
            if checkpoint.size != head.size { report.differs("\(name): its size is not the one stored") }
            if checkpoint.size < last { report.differs("\(name) covers less than the one before") }
            last = checkpoint.size
            check(note, checkpoint, leaves, lines, keys, name, &report)
            report.newest = (head.time, head.size)
        }
        if let beside = try HeadKeeper(store, environment: [:]).headBeside(),
            !heads.contains(where: { $0.note == beside.note })
        {
            report.differs(
                "the head of \(beside.time.text) in emsd.head is not in the database: an older copy took its place")
        }
        if let older, let checkpoint = Checkpoint(body: older.body) {
            check(older, checkpoint, leaves, lines, keys, "the head that was kept", &report)
        }
    }

    private func check(
        _ note: SignedNote, _ checkpoint: Checkpoint, _ leaves: LeafHashes, _ lines: Int, _ keys: [VerifierKey],
        _ name: String, _ report: inout CheckReport
    ) {
        if !keys.contains(where: { $0.name == checkpoint.origin && note.isSigned(by: $0) }) {
            report.differs("\(name): no key that is known signed it")
        }
        guard checkpoint.size <= lines else {
            return report.differs("\(name) covers \(checkpoint.size) lines, the journal has \(lines)")
        }
        let root = try? MerkleTree(size: checkpoint.size, from: leaves).root()
        if root != checkpoint.root {
            report.differs("\(name): the first \(checkpoint.size) lines are not those that it covers")
        }
    }

    // MARK: Seals

    private func checkSeals(
        _ seals: SealedDays, _ report: inout CheckReport, isOver: () -> Bool, _ progress: (Int, Instant) -> Void
    ) throws {
        let due = Set(try store.show { try $0.sealsDue() }.hours.map(\.start))
        let deleted = try store.show { try $0.readingsDeletedUpTo() }
        for sealed in seals.days {
            if isOver() { return report.isCutShort = true }
            // What changed since is sealed again at the next midnight.
            if due.contains(where: { sealed.stretch.contains($0) }) {
                report.waiting += 1
                continue
            }
            report.days += 1
            let now = try store.show { try DaySeal(of: sealed.stretch, points: sealed.chosen, in: $0) }
            let count = now.points.reduce(0) { $0 + $1.count }
            report.readings += count
            progress(count, sealed.stretch.end)
            let missing = sealed.points.values.reduce(0) { $0 + $1.count } - now.points.reduce(0) { $0 + $1.count }
            if missing > 0, let deleted, sealed.stretch.start < deleted {
                report.deleted += missing
                continue
            }
            compare(sealed, now, &report)
        }
    }

    private func compare(_ sealed: SealedStretch, _ now: DaySeal, _ report: inout CheckReport) {
        let day = "\(sealed.stretch.start.text) (journal line \(sealed.line))"
        let found = Dictionary(uniqueKeysWithValues: now.points.map { ($0.name, $0) })
        for (name, point) in sealed.points.sorted(by: { $0.key < $1.key }) {
            guard let stored = found[name] else {
                report.differs("readings of \(name) from \(day): \(point.count) are sealed, none is stored")
                continue
            }
            if stored.count != point.count {
                report.differs("readings of \(name) from \(day): \(point.count) are sealed, \(stored.count) are stored")
            } else if stored.digest != point.digest {
                report.differs("readings of \(name) from \(day): they are not those that were sealed")
            }
        }
        for name in found.keys.sorted() where sealed.points[name] == nil {
            report.differs("readings of \(name) from \(day): \(found[name]?.count ?? 0) are stored, none is sealed")
        }
        if sealed.decisions != now.decisions.digest {
            report.differs("decisions of the counter rules from \(day): they are not those that were sealed")
        }
    }
}
