import Crypto

/// A key that signs heads, its own or as a witness those of others; its 32 bytes never leave the machine.
package struct SignerKey: Sendable {
    /// The public half.
    package let verifier: VerifierKey
    private let key: Curve25519.Signing.PrivateKey

    /// A new key; nil where the name cannot stand on a signature line.
    package init?(name: String, for purpose: VerifierKey.Purpose = .head) {
        self.init(name: name, for: purpose, seed: Array(Curve25519.Signing.PrivateKey().rawRepresentation))
    }

    /// The key with these 32 secret bytes; nil where they are not 32, or the name cannot stand on a signature line.
    package init?(name: String, for purpose: VerifierKey.Purpose = .head, seed: [UInt8]) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed),
            let verifier = VerifierKey(name: name, purpose: purpose, publicKey: key.publicKey.rawRepresentation)
        else { return nil }
        self.key = key
        self.verifier = verifier
    }

    /// The 32 secret bytes, as they are kept in the key's file.
    package var seed: [UInt8] { Array(key.rawRepresentation) }

    /// Signs the text of a note.
    ///
    /// Throws a `CryptoKitError` where the library fails.
    package func sign(_ body: String) throws -> NoteSignature {
        NoteSignature(
            name: verifier.name, keyID: verifier.id,
            bytes: Array(try key.signature(for: Array(body.utf8))))
    }

    /// Signs the head of another as a witness who saw it then, in seconds since 1970 (C2SP tlog-cosignature).
    ///
    /// Throws a `CryptoKitError` where the library fails.
    package func cosign(_ body: String, at seconds: Int64) throws -> NoteSignature {
        let message = CosignedMessage.bytes(of: body, at: UInt64(max(0, seconds)))
        let time = withUnsafeBytes(of: UInt64(max(0, seconds)).bigEndian) { Array($0) }
        return NoteSignature(
            name: verifier.name, keyID: verifier.id, bytes: time + Array(try key.signature(for: message)))
    }
}
