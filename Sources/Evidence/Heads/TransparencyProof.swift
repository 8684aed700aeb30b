import SignedNotes

/// A file that proves one entry without anything beside it but the entry and the key: place, hashes, head (C2SP
/// tlog-proof, `.tlog-proof`).
package struct TransparencyProof: Hashable, Sendable {
    package let inclusion: InclusionProof
    package let head: SignedNote

    /// A proof that goes with a head.
    package init(_ inclusion: InclusionProof, under head: SignedNote) {
        self.inclusion = inclusion
        self.head = head
    }

    /// The proof that is written in a text; nil where it is none. An `extra` line is left alone.
    package init?(text: String) {
        guard let gap = text.firstRange(of: "\n\n"), let head = SignedNote(text: String(text[gap.upperBound...])) else {
            return nil
        }
        var lines = text[..<gap.lowerBound].split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard lines.popFirst() == Self.title else { return nil }
        if lines.first?.hasPrefix("extra ") == true { lines.removeFirst() }
        guard let line = lines.popFirst(), line.hasPrefix("index "), let index = Int(line.dropFirst(6)), index >= 0
        else {
            return nil
        }
        let hashes = lines.compactMap { MerkleHash(base64: $0) }
        guard hashes.count == lines.count, hashes.count <= 63 else { return nil }
        self.init(InclusionProof(index: index, hashes: hashes), under: head)
    }

    /// The proof as it is written to a file.
    package var text: String {
        ([String(Self.title), "index \(inclusion.index)"] + inclusion.hashes.map(\.base64)).joined(separator: "\n")
            + "\n\n" + head.text
    }

    /// Whether it shows that the journal line `text` stands at its place under a head that `key` signed.
    package func proves(line text: String, by key: VerifierKey) -> Bool {
        guard head.isSigned(by: key), let checkpoint = Checkpoint(body: head.body), checkpoint.origin == key.name else {
            return false
        }
        return inclusion.root(over: MerkleHash(line: text), size: checkpoint.size) == checkpoint.root
    }

    private static let title: Substring = "c2sp.org/tlog-proof@v1"
}
