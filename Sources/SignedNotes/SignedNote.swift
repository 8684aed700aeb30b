import Foundation

/// One signature line of a note: em dash, blank, name of the key, blank, base64 of key id and signature.
package struct NoteSignature: Hashable, Sendable {
    /// The name of the key.
    package let name: String
    /// The four bytes that tell keys of one name apart.
    package let keyID: [UInt8]
    /// What the key's purpose puts there: 64 bytes of Ed25519, for a witness its time before them.
    package let bytes: [UInt8]

    /// A signature as it was made or read.
    package init(name: String, keyID: [UInt8], bytes: [UInt8]) {
        self.name = name
        self.keyID = keyID
        self.bytes = bytes
    }

    /// The signature on such a line; nil where it is none.
    init?(line: some StringProtocol) {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "—", VerifierKey.isName(String(parts[1])),
            let data = Data(base64Encoded: String(parts[2])), data.count > 4
        else { return nil }
        self.init(name: String(parts[1]), keyID: Array(data.prefix(4)), bytes: Array(data.dropFirst(4)))
    }

    /// The line, without line feed.
    package var line: String { "— \(name) \(Data(keyID + bytes).base64EncodedString())" }
}

/// A text with signatures that a person can read (C2SP signed-note): the text, an empty line, signature lines.
///
/// ```
/// let key = SignerKey(name: "works.example/emsd")!
/// let note = SignedNote(body: "works\n42\n", signatures: [try key.sign("works\n42\n")])
/// SignedNote(text: note.text)?.isSigned(by: key.verifier)  // true
/// ```
package struct SignedNote: Hashable, Sendable {
    /// What is signed, with the line feed at its end.
    package let body: String
    package private(set) var signatures: [NoteSignature]

    /// A note; the body ends with a line feed.
    package init(body: String, signatures: [NoteSignature]) {
        precondition(body.hasSuffix("\n"))
        self.body = body
        self.signatures = signatures
    }

    /// The note that is written in a text; nil where it is none: no empty line before signatures, no signature, or a line
    /// among them that is none.
    package init?(text: String) {
        guard text.hasSuffix("\n"), let gap = text.range(of: "\n\n", options: [.backwards, .literal]) else {
            return nil
        }
        let lines = text[gap.upperBound...].dropLast().split(separator: "\n", omittingEmptySubsequences: false)
        let signatures = lines.compactMap(NoteSignature.init(line:))
        guard !signatures.isEmpty, signatures.count == lines.count, signatures.count <= 100 else { return nil }
        self.init(body: text[..<gap.lowerBound] + "\n", signatures: signatures)
    }

    /// The note as it is written to a file.
    package var text: String { body + "\n" + signatures.map { $0.line + "\n" }.joined() }

    /// The note with one more signature; one that is there already is not added.
    package func adding(_ signature: NoteSignature) -> SignedNote {
        guard !signatures.contains(signature) else { return self }
        return SignedNote(body: body, signatures: signatures + [signature])
    }

    /// Whether the key signed it as the log's own head.
    package func isSigned(by key: VerifierKey) -> Bool {
        guard key.purpose == .head else { return false }
        let own = signatures.filter { $0.name == key.name && $0.keyID == key.id }
        return own.contains { key.isValid($0.bytes, of: body.utf8) }
    }

    /// The note with what these witnesses signed of it, and nothing else; nil where none of them did.
    package func cosigned(byAny keys: some Sequence<VerifierKey>) -> SignedNote? {
        let good = keys.filter { cosigned(by: $0) != nil }
        let signed = signatures.filter { signature in
            good.contains { key in
                key.name == signature.name && key.id == signature.keyID
                    && SignedNote(body: body, signatures: [signature]).cosigned(by: key) != nil
            }
        }
        return signed.isEmpty ? nil : SignedNote(body: body, signatures: signed)
    }

    /// When a witness saw it, in seconds since 1970; nil where it did not sign (C2SP tlog-cosignature, `cosignature/v1`).
    package func cosigned(by key: VerifierKey) -> Int64? {
        guard key.purpose == .cosignature else { return nil }
        for signature in signatures where signature.name == key.name && signature.keyID == key.id {
            guard signature.bytes.count == 72 else { continue }
            let seconds = signature.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            if key.isValid(signature.bytes.suffix(64), of: CosignedMessage.bytes(of: body, at: seconds)) {
                return Int64(clamping: seconds)
            }
        }
        return nil
    }
}

/// What a witness signs: when, and the head (C2SP tlog-cosignature, `cosignature/v1`).
enum CosignedMessage {
    static func bytes(of body: String, at seconds: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(seconds)\n\(body)".utf8)
    }
}
