import Conformity
import DatabaseFile
import Foundation
import Metering
import SignedNotes
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
        var added: Set<String> = []
        var lost: [LostReadings] = []
        let isDone = try JournalWalk(store).run(isOver: isOver) { fault in
            report.differs("journal: \(fault.description)")
        } line: { line in
            report.lines += 1
            hashes.append(MerkleHash(line: line.line))
            seals.take(line)
            hand(line)
            lost += LostReadings.all(in: line)
            if let digest = Self.witnessed(in: line) { added.insert(digest) }
            // A witness's key says nothing of whose heads these are.
            if !trusted.contains(where: { $0.purpose == .head }), let key = VerifierKey(named: line.line) {
                keys.append(key)
            }
        }
        guard isDone else {
            report.isCutShort = true
            return report
        }
        let leaves = LeafHashes(hashes)
        try checkTiles(leaves, &report)
        try checkHeads(leaves, hashes.count, keys, added, &report)
        try checkSeals(seals, lost, &report, isOver: isOver, progress)
        return report
    }

    // MARK: The journal

    /// The digest of the statement of a witness that a line puts on record.
    private static func witnessed(in line: JournalRecord) -> String? {
        guard line.line.contains("\"type\":\"witness.added\""), let found = line.line.range(of: "\"sha256\":\"") else {
            return nil
        }
        return String(line.line[found.upperBound...].prefix(64))
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
        _ leaves: LeafHashes, _ lines: Int, _ keys: [VerifierKey], _ added: Set<String>,
        _ report: inout CheckReport
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
        for (index, witness) in try store.show({ try $0.witnesses() }).enumerated() {
            guard let head = heads.first(where: { $0.number == witness.head }) else {
                report.differs("witness \(index + 1): head \(witness.head), which it is about, is gone")
                continue
            }
            if !added.contains(SealDigest.hex(witness.data)) {
                report.differs("witness \(index + 1): it is not what the journal says was put on record")
            }
            check(witness, "witness \(index + 1)", head, &report)
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

    /// A cosignature must be over the head's body, by a key that is known where one is; a time stamp over the head.
    private func check(_ witness: WitnessRecord, _ name: String, _ head: HeadRecord, _ report: inout CheckReport) {
        switch witness.kind {
        case .timestamp:
            if WitnessKeeper.isStamped(head.note, in: witness.data) {
                report.remark(
                    "\(name): a time stamp over head \(head.number); who gave it is checked with openssl ts -verify")
            } else {
                report.differs("\(name): the time stamp is not over head \(head.number)")
            }
        case .cosignature:
            guard let note = SignedNote(text: String(decoding: witness.data, as: UTF8.self)),
                note.body == SignedNote(text: head.note)?.body
            else { return report.differs("\(name): the cosignature is not over head \(head.number)") }
            let known = trusted.filter { $0.purpose == .cosignature }
            let signers = note.signatures.filter { $0.bytes.count == 72 }
            for signer in signers {
                guard let key = known.first(where: { $0.name == signer.name && $0.id == signer.keyID }) else {
                    report.remark("\(name): cosigned by \(signer.name), whose key was not given (--vkey)")
                    continue
                }
                if let seconds = note.cosigned(by: key) {
                    let time = Instant(milliseconds: seconds * 1000)
                    report.remark("\(name): head \(head.number) was seen by \(signer.name) at \(time.text)")
                } else {
                    report.differs("\(name): \(signer.name) did not sign head \(head.number)")
                }
            }
            if signers.isEmpty { report.differs("\(name): no witness signed it") }
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
        _ seals: SealedDays, _ lost: [LostReadings], _ report: inout CheckReport, isOver: () -> Bool,
        _ progress: (Int, Instant) -> Void
    ) throws {
        for twice in try store.show({ try $0.doubledChunks() }) {
            report.differs(
                "readings of \(twice.point) from \(twice.stretch.start.text) to \(twice.stretch.end.text): they are stored twice"
            )
        }
        let until = seals.days.last { $0.chosen == nil }?.stretch.end
        if let until, let newest = try store.show({ try $0.newestTimes().compactMap { $0 }.max() }), newest >= until {
            report.remark(
                "readings from \(until.text) on are not sealed yet: until then only what was made of them proves them")
        }
        let due = Set(try store.show { try $0.sealsDue() }.hours.map(\.start))
        let deleted = try store.show { try $0.readingsDeletedUpTo() }
        for sealed in seals.days {
            if isOver() { return report.isCutShort = true }
            // What changed since is sealed again at the next midnight.
            let isWaiting = due.contains { sealed.stretch.contains($0) }
            if isWaiting { report.waiting += 1 } else { report.days += 1 }
            let now: DaySeal
            do {
                now = try store.show { reader in
                    let former = try reader.renamings(after: sealed.version).former(.point)
                    return try DaySeal(of: sealed.stretch, points: sealed.chosen, former: former, in: reader)
                }
            } catch let fault as StoreFault where fault.kind == .corrupt {
                report.differs("\(sealed.stretch.start.text) (journal line \(sealed.line)): \(fault.message)")
                continue
            }
            let count = now.points.reduce(0) { $0 + $1.count }
            report.readings += count
            progress(count, sealed.stretch.end)
            let isThinned = deleted.map { sealed.stretch.start < $0 } ?? false
            let holes = lost.filter { $0.stretch.overlaps(sealed.stretch) }.map(\.point)
            compare(sealed, now, isThinned: isThinned, holes: Set(holes), isWaiting, &report)
        }
    }

    /// Compares each point. Of a day that retention reached into a point may have fewer; one that waits for its next seal has
    /// changed, but late readings take none away.
    private func compare(
        _ sealed: SealedStretch, _ now: DaySeal, isThinned: Bool, holes: Set<String>, _ isWaiting: Bool,
        _ report: inout CheckReport
    ) {
        let day = "\(sealed.stretch.start.text) (journal line \(sealed.line))"
        let found = Dictionary(uniqueKeysWithValues: now.points.map { ($0.name, $0) })
        for (name, point) in sealed.points.sorted(by: { $0.key < $1.key }) {
            let stored = found[name]?.count ?? 0
            if stored < point.count, holes.contains(name) {
                report.remark("readings of \(name) from \(day): \(point.count - stored) were lost with a damaged file")
            } else if stored < point.count, isThinned {
                report.deleted += point.count - stored
            } else if stored < point.count || stored != point.count && !isWaiting {
                report.differs(
                    "readings of \(name) from \(day): \(point.count) are sealed, \(stored == 0 ? "none is" : "\(stored) are") "
                        + "stored")
            } else if found[name]?.digest != point.digest {
                let what = "readings of \(name) from \(day): they are not those that were sealed"
                if isWaiting { report.remark("\(what), and wait for their next seal") } else { report.differs(what) }
            }
        }
        if isWaiting { return }
        for name in found.keys.sorted() where sealed.points[name] == nil {
            report.differs("readings of \(name) from \(day): \(found[name]?.count ?? 0) are stored, none is sealed")
        }
        if sealed.decisions != now.decisions.digest {
            report.differs("decisions of the counter rules from \(day): they are not those that were sealed")
        }
    }
}
