import Conformity
import Foundation

extension StoreReader {
    /// What does not fit the digests of a nonconformity's evidence, in clauses; empty where all of it is as it was recorded.
    ///
    /// Held against the seal beside it, and with `journal` against the digests of the journal too, which takes a reading of all
    /// of the journal.
    package final func evidenceFaults(of found: Nonconformity, journal: Bool) throws -> [String] {
        var faults = try evidenceSeal(of: found.id)?.misfits(of: found).map(\.fault) ?? []
        if journal, let digests = try evidenceDigests("\"id\":\"\(found.id)\"")[found.id] {
            faults += found.misfits(digests)
        }
        return faults
    }

    /// The nonconformities whose evidence does not fit the digests of it, beside them and in the journal, with what is wrong;
    /// reads all of the journal once.
    package final func damagedEvidence() throws -> [(id: String, faults: [String])] {
        let digests = try evidenceDigests("\"type\":\"nc.")
        let ids = try with("SELECT id FROM nonconformity ORDER BY number") { statement in
            var ids: [String] = []
            while try statement.step() { ids.append(statement.text(0)) }
            return ids
        }
        return try ids.compactMap { id in
            guard let found = try nonconformity(id) else { return nil }
            var faults = try evidenceFaults(of: found, journal: false)
            if let digests = digests[id] { faults += found.misfits(digests) }
            return faults.isEmpty ? nil : (id, faults)
        }
    }

    /// By nonconformity, the digests of its evidence in the lines of the journal that have a text in them.
    private func evidenceDigests(_ text: String) throws -> [String: JournalDigests] {
        let sql =
            "SELECT line FROM journal WHERE instr(line, ?1) > 0 AND instr(line, '\"evidence\":\"') > 0 ORDER BY seq"
        return try with(sql) { statement in
            statement.bind(1, text)
            var digests: [String: JournalDigests] = [:]
            while try statement.step() {
                guard let line = try? JSONDecoder().decode(SealedLine.self, from: Data(statement.text(0).utf8)) else {
                    continue
                }
                if line.type == "nc.opened" { digests[line.id, default: JournalDigests()].first = line.evidence }
                digests[line.id, default: JournalDigests()].last = line.evidence
            }
            return digests
        }
    }

    /// What of a nonconformity is read by way of its meaning, as the text that is stored: its severity and condition, and the
    /// JSON of its points, of what was frozen, of later demands, and of its steps.
    package final func storedTexts(of id: String) throws -> (
        severity: String, condition: String, points: String, frozen: String?, later: String?, steps: [String]
    ) {
        let sql = "SELECT severity, condition, points, frozen, later FROM nonconformity WHERE id = ?"
        let texts = try with(sql) { statement in
            statement.bind(1, id)
            guard try statement.step() else {
                return ("", "", "[]", nil, nil) as (String, String, String, String?, String?)
            }
            return (
                statement.text(0), statement.text(1), statement.text(2), statement.textOrNil(3), statement.textOrNil(4)
            )
        }
        return (texts.0, texts.1, texts.2, texts.3, texts.4, try steps(of: id).map(\.details))
    }

    /// Whether the digests of a nonconformity's evidence are there, and can be read; those of records older than they are need
    /// not be.
    package final func hasEvidenceSeal(_ found: Nonconformity) throws -> Bool {
        guard let text = try note(StoreReader.sealKey(found.id)) else { return found.version == nil }
        return EvidenceSeal(text: text)?.text == text
    }

    final func evidenceSeal(of id: String) throws -> EvidenceSeal? {
        try note(StoreReader.sealKey(id)).flatMap { EvidenceSeal(text: $0) }
    }

    static func sealKey(_ id: String) -> String { "evidence." + id }

    /// The points of the evidence as they are stored; nil where there is no nonconformity of that number.
    final func evidencePoints(of id: String) throws -> [EvidencePoint]? {
        try with("SELECT points FROM nonconformity WHERE id = ?") { statement in
            statement.bind(1, id)
            guard try statement.step() else { return nil }
            return try JSONDecoder().decode([EvidencePoint].self, from: Data(statement.text(0).utf8))
        }
    }
}

/// A line of the journal that has the digest of a nonconformity's evidence.
private struct SealedLine: Decodable {
    var type: String
    var id: String
    var evidence: String
}

/// The digests of a nonconformity's evidence in the journal: the one at its raising, and the last.
private struct JournalDigests {
    var first: String?
    var last: String?
}

extension Nonconformity {
    /// What of it does not fit the journal.
    fileprivate func misfits(_ digests: JournalDigests) -> [String] {
        var faults: [String] = []
        if let last = digests.last, condition == .ongoing ? !evidence(beginsWith: last) : evidenceDigest != last {
            faults.append("the evidence is not the one whose digest the journal has")
        }
        if let first = digests.first, let frozen, frozen.digest != first {
            faults.append("what was known at its raising is not what the journal has the digest of")
        }
        return faults
    }
}
