import Crypto

/// A key that signs heads; its 32 bytes never leave the machine.
package struct SignerKey: Sendable {
    /// The public half.
    package let verifier: VerifierKey
    private let key: Curve25519.Signing.PrivateKey

    /// A new key; nil where the name cannot stand on a signature line.
    package init?(name: String) {
        self.init(name: name, seed: Array(Curve25519.Signing.PrivateKey().rawRepresentation))
    }

    /// The key with these 32 secret bytes; nil where they are not 32, or the name cannot stand on a signature line.
    package init?(name: String, seed: [UInt8]) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed),
            let verifier = VerifierKey(name: name, publicKey: key.publicKey.rawRepresentation)
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
}
