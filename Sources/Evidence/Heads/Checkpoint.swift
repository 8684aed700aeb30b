import SignedNotes

/// The head of a log at one time: whose it is, how many entries it has, the root over them (C2SP tlog-checkpoint).
package struct Checkpoint: Hashable, Sendable {
    /// Whose log it is: `plant.example/emsd`.
    package let origin: String
    /// How many lines the journal had.
    package let size: Int
    /// The root of the tree over them.
    package let root: MerkleHash

    /// A head as it is to be signed.
    package init(origin: String, size: Int, root: MerkleHash) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// The head that is the text of a note; nil where it is none. Lines after the third are extensions, and are left alone.
    package init?(body: String) {
        guard body.hasSuffix("\n") else { return nil }
        let lines = body.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, !lines.contains(""), VerifierKey.isName(String(lines[0])), let size = Int(lines[1]),
            size >= 0,
            String(size) == lines[1], let root = MerkleHash(base64: lines[2])
        else { return nil }
        self.init(origin: String(lines[0]), size: size, root: root)
    }

    /// The text of the note.
    package var body: String { "\(origin)\n\(size)\n\(root.base64)\n" }

    /// The head, signed.
    ///
    /// Throws what the library of cryptography throws.
    package func signed(by key: SignerKey) throws -> SignedNote {
        SignedNote(body: body, signatures: [try key.sign(body)])
    }
}
