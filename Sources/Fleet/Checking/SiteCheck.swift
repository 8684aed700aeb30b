import Conformity
import Evidence
import Metering
import SignedNotes

/// Checks what the register has of one site: the chain over its lines once more, each head over them, and that it goes on
/// from what was seen before.
///
/// Pure: the lines are handed in, in order, and the report is asked for at the end.
package struct SiteCheck {
    /// Milliseconds without a sign of life after which a site cannot be judged.
    private static let silence: Int64 = 3_600_000

    private let site: RegisteredSite
    private let trusted: [VerifierKey]
    private var named: [VerifierKey] = []
    private var verifier = JournalVerifier()
    private var hashes: [MerkleHash] = []
    private var faults: [JournalFault] = []

    /// A check of a site. Of whom `trusted` has a key, those keys alone sign; of others the keys that the journal names.
    package init(_ site: RegisteredSite, trusting trusted: [VerifierKey] = []) {
        self.site = site
        self.trusted = trusted.filter { $0.purpose == .head }
    }

    /// The number of the last line that was taken.
    package var reached: Int { verifier.checked.sequence }

    /// Takes the next line of its journal.
    package mutating func take(_ line: JournalLine) {
        if let fault = verifier.pass(line) { faults.append(fault) }
        hashes.append(MerkleHash(line: line.text))
        if let key = VerifierKey(named: line.text) { named.append(key) }
    }

    /// What is to be said, now that all lines were taken.
    package func report(now: Instant) throws -> SiteReport {
        var report = SiteReport(site: site.name)
        let leaves = LeafHashes(hashes)
        report.lines = hashes.count
        report.root = try MerkleTree(size: hashes.count, from: leaves).root()
        report.heads = site.heads.count
        if let first = faults.first {
            let more = faults.count > 1 ? ", and \(faults.count - 1) more" : ""
            report.alarms.append(first.description + more)
        }
        if let contradiction = site.contradiction, contradiction.at > site.lastLine ?? .distantPast {
            report.alarms.append("\(contradiction.text) (since \(contradiction.at.text))")
        }
        try compare(leaves, &report)
        for head in site.heads { try check(head, leaves, &report) }
        if let last = site.lastSeen {
            report.silentSince = now - last > SiteCheck.silence ? last : nil
        } else {
            report.alarms.append("it has no row in the table of sites any more")
        }
        return report
    }

    /// Whether it goes on from what was seen.
    private func compare(_ leaves: LeafHashes, _ report: inout SiteReport) throws {
        report.seen = site.seen.max { $0.size < $1.size }
        for seen in site.seen.sorted(by: { $0.size > $1.size }) {
            let when = seen.at.text
            guard seen.size <= hashes.count else {
                report.alarms.append(
                    "it goes back: \(hashes.count) lines of its journal are in the register, and \(seen.size) were seen "
                        + "at \(when)")
                return
            }
            guard try MerkleTree(size: seen.size, from: leaves).root() == seen.root else {
                report.alarms.append("its first \(seen.size) lines are not those that were seen at \(when)")
                return
            }
        }
    }

    private func check(_ head: RegisteredSite.Head, _ leaves: LeafHashes, _ report: inout SiteReport) throws {
        let when = head.received.text
        guard let note = SignedNote(text: head.note), let checkpoint = Checkpoint(body: note.body) else {
            report.alarms.append("what came as a head at \(when) is none")
            return
        }
        let name = "the head over \(checkpoint.size) lines that came at \(when)"
        let given = trusted.filter { $0.name == checkpoint.origin }
        let keys = given.isEmpty ? named.filter { $0.name == checkpoint.origin } : given
        guard checkpoint.size <= hashes.count else {
            report.alarms.append(
                "it goes back: \(hashes.count) lines of its journal are in the register, and \(name) covers more")
            return
        }
        guard keys.contains(where: note.isSigned) else {
            report.alarms.append("no key that is known signed \(name)")
            return
        }
        guard try MerkleTree(size: checkpoint.size, from: leaves).root() == checkpoint.root else {
            report.alarms.append("\(name) is over other lines than those in the register: two stories are told")
            return
        }
        if let newest = report.newest, newest.checkpoint.size >= checkpoint.size { return }
        report.newest = .init(checkpoint: checkpoint, note: note, received: head.received)
    }
}
