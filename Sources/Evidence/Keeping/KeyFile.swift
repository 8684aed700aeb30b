import Foundation
import Platform
import SignedNotes

/// The file with the keys that sign the site's heads: a line a key, `PRIVATE+KEY+name+id+base64(type, seed)`.
///
/// The last line is the key in force; one before it still signs beside it while a rotation is under way. Only its owner may
/// read it.
package struct KeyFile: Sendable {
    /// The name of the credential and of the file, wherever it stands.
    package static let name = "audit.key"

    /// Where it was found.
    package let path: String
    /// The keys that sign, the one in force last.
    package let keys: [SignerKey]

    /// The key in force.
    package var current: SignerKey { keys[keys.count - 1] }

    /// The keys of the site, where it has some: those that systemd hands over, else those in the state directory.
    ///
    /// Throws an ``AuditFault`` where there is a file that cannot be used.
    package static func found(in directory: String, environment: [String: String]) throws(AuditFault) -> KeyFile? {
        for place in [environment["CREDENTIALS_DIRECTORY"], directory].compactMap({ $0 }) {
            let path = place + "/" + name
            if let file = try read(path) { return file }
        }
        return nil
    }

    /// The keys in a file; nil where it is not there, or empty as systemd leaves a credential that nobody made.
    package static func read(
        _ path: String, for purpose: VerifierKey.Purpose = .head
    ) throws(AuditFault) -> KeyFile? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o037 == 0 else {
            throw AuditFault("the key \(path) can be read by others than its owner: make a new one, this one is spoilt")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw AuditFault("the key \(path) cannot be read: check its owner and mode")
        }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
        if lines.isEmpty { return nil }
        let keys = lines.compactMap(key).filter { $0.verifier.purpose == purpose }
        guard keys.count == lines.count, Set(keys.map(\.verifier.name)).count == 1 else {
            let verb = purpose == .head ? "audit init" : "fleet init"
            throw AuditFault("the file \(path) holds no key of this kind: make one with 'emsctl \(verb)'")
        }
        return KeyFile(path: path, keys: keys)
    }

    /// Makes the file with a new key; throws where there is one already.
    package static func make(
        _ path: String, name: String, for purpose: VerifierKey.Purpose = .head
    ) throws -> KeyFile {
        guard access(path, F_OK) != 0 else {
            let hint = purpose == .head ? "'emsctl audit init --rotate' puts another beside it" : "it stays as it is"
            throw AuditFault("there is a key already in \(path): \(hint)")
        }
        return try write([try newKey(name, purpose)], to: path)
    }

    /// Puts a new key of the same name into force, beside the one before it.
    package func rotated() throws -> KeyFile {
        try KeyFile.write([current, try KeyFile.newKey(current.verifier.name, .head)], to: path)
    }

    private static func newKey(_ name: String, _ purpose: VerifierKey.Purpose) throws(AuditFault) -> SignerKey {
        guard let key = SignerKey(name: name, for: purpose) else {
            throw AuditFault("'\(name)' cannot name a key: no blank and no plus, such as plant.example/emsd")
        }
        return key
    }

    private static func write(_ keys: [SignerKey], to path: String) throws -> KeyFile {
        let text = keys.map { line(of: $0) + "\n" }.joined()
        try DurableFile.replace(path, with: text.utf8, mode: 0o400)
        return KeyFile(path: path, keys: keys)
    }

    private static func line(of key: SignerKey) -> String {
        let seed = Data([key.verifier.purpose.rawValue] + key.seed).base64EncodedString()
        return "PRIVATE+KEY+\(key.verifier.name)+\(key.verifier.idText)+\(seed)"
    }

    private static func key(_ line: String) -> SignerKey? {
        let parts = line.split(separator: "+", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[0] == "PRIVATE", parts[1] == "KEY", let data = Data(base64Encoded: parts[4]),
            data.count == 33, let purpose = VerifierKey.Purpose(rawValue: data[data.startIndex]),
            let key = SignerKey(name: parts[2], for: purpose, seed: Array(data.dropFirst())),
            key.verifier.idText == parts[3]
        else { return nil }
        return key
    }
}
