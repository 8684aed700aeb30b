import Crypto
import Foundation
import Metering

/// The public half of a key that signs notes, with its name: `name+hex(id)+base64(type, public key)` (C2SP signed-note).
package struct VerifierKey: Hashable, Sendable {
    /// What a signature of the key says, by its type byte.
    package enum Purpose: UInt8, Sendable {
        /// The log signs its own head.
        case head = 1
        /// A witness signs a head of another with the time it saw it (C2SP tlog-cosignature).
        case cosignature = 4
    }

    /// The key's name, for a site its origin: `plant.example/emsd`.
    package let name: String
    package let purpose: Purpose
    /// The 32 bytes of the Ed25519 public key.
    package let publicKey: [UInt8]

    /// The key with a name that fits on a signature line: not empty, no blank, no plus; nil else.
    package init?(name: String, purpose: Purpose = .head, publicKey: some Collection<UInt8>) {
        guard VerifierKey.isName(name), publicKey.count == 32 else { return nil }
        self.name = name
        self.purpose = purpose
        self.publicKey = Array(publicKey)
    }

    /// The key that is written in a text; nil where it is none, or its id does not fit.
    package init?(text: String) {
        // The key itself is base64 and may hold a plus.
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let data = Data(base64Encoded: parts[2]), data.base64EncodedString() == parts[2],
            let first = data.first, let purpose = Purpose(rawValue: first),
            let key = VerifierKey(name: parts[0], purpose: purpose, publicKey: data.dropFirst()),
            key.idText == parts[1]
        else { return nil }
        self = key
    }

    /// The first four bytes of SHA-256 over name, line feed, type and public key.
    package var id: [UInt8] {
        Array(SHA256.hash(data: Array(name.utf8) + [10, purpose.rawValue] + publicKey).prefix(4))
    }

    /// The key in one line, to be printed and handed on.
    package var text: String {
        "\(name)+\(idText)+\(Data([purpose.rawValue] + publicKey).base64EncodedString())"
    }

    /// SHA-256 over the line of the key, in groups of four, as it is read aloud and written into minutes.
    package var fingerprint: String {
        let digits = SHA256.hash(data: Array(text.utf8)).hexadecimal
        return stride(from: 0, to: digits.count, by: 4).map { String(digits.dropFirst($0).prefix(4)) }
            .joined(separator: " ")
    }

    /// Whether the 64 bytes are the key's signature of a message.
    package func isValid(_ signature: some Collection<UInt8>, of message: some Collection<UInt8>) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
        return key.isValidSignature(Array(signature), for: Array(message))
    }

    /// Whether a name can stand on a signature line.
    package static func isName(_ name: String) -> Bool {
        !name.isEmpty && !name.unicodeScalars.contains { $0.properties.isWhitespace || $0 == "+" || $0.value < 32 }
    }

    /// The id in lower-case hex.
    package var idText: String { id.hexadecimal }
}

extension VerifierKey {
    /// The key that a line of the journal brings into force (`key.first`, `key.next`); nil where it is another line.
    package init?(named line: String) {
        guard line.contains("\"type\":\"key."), let found = line.range(of: "\"vkey\":\"") else { return nil }
        self.init(text: String(line[found.upperBound...].prefix { $0 != "\"" }))
    }
}
