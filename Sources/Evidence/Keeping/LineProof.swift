import SignedNotes
import Storage

/// Proofs of single lines of the journal.
package enum LineProof {
    /// The proof that the line with that number stands under the newest head, as a `.tlog-proof` file.
    ///
    /// Throws an ``AuditFault`` where no head covers it, or the line is not there.
    package static func text(of line: Int, in store: PlantStore) throws -> String {
        try store.show { reader in
            let last = try reader.journalHead().seq
            guard line >= 1, line <= last else {
                throw AuditFault("the journal has the lines 1 to \(last): there is no line \(line)")
            }
            guard let head = try reader.newestHead(), let note = SignedNote(text: head.note), head.size >= line else {
                throw AuditFault("no head covers line \(line) yet: sign one with 'emsctl audit head'")
            }
            let tree = MerkleTree(size: head.size, from: JournalLeaves(reader))
            let inclusion = InclusionProof(index: line - 1, hashes: try tree.inclusionProof(of: line - 1))
            return TransparencyProof(inclusion, under: note).text
        }
    }

    /// The newest head, as it is printed or sent; throws an ``AuditFault`` where none was signed.
    package static func newestHead(in store: PlantStore) throws -> String {
        guard let head = try store.show({ try $0.newestHead() }) else {
            throw AuditFault("no head was signed yet: make a key with 'emsctl audit init', then 'emsctl audit head'")
        }
        return head.note
    }
}
