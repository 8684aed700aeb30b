import Crypto
import Foundation
import PlantAPI
import PlantConfiguration
import Platform

/// Who may ask over TLS: each line a name, and a token of 32 characters at least or the SHA-256 of a certificate.
///
///     # who          by what
///     anna           token d2f0…
///     head_office    certificate 5B:0C:…
///
/// The file is read for each request, so that a line that was added or taken out counts at once. Several lines may have one name.
package struct AccessList: Sendable {
    /// Why a file is no list.
    package struct Fault: Error, CustomStringConvertible {
        package let description: String
    }

    private var tokens: [(name: String, digest: SHA256Digest)] = []
    private var certificates: [(name: String, digest: [UInt8])] = []

    /// The list in a text; throws what is wrong with its first faulty line, without what stands in it.
    package init(_ text: String) throws(Fault) {
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            if words.isEmpty { continue }
            func fault(_ what: String) -> Fault { Fault(description: "line \(number + 1) \(what)") }
            guard words.count == 3 else {
                throw fault("is not a name, 'token' or 'certificate', and the token or the certificate's SHA-256")
            }
            let name = String(words[0])
            // Nobody far away is root, whose word counts without being an operator.
            guard name != "root", name.allSatisfy({ $0.isLetter || $0.isNumber || "._-@".contains($0) }) else {
                throw fault("does not begin with a name of letters, digits and . _ - @ (root is none)")
            }
            switch words[1] {
            case "token":
                guard words[2].utf8.count >= 32 else {
                    throw fault("has a token of less than 32 characters: 'openssl rand -hex 32' makes one")
                }
                tokens.append((name, SHA256.hash(data: Data(words[2].utf8))))
            case "certificate":
                guard let digest = AccessList.digest(words[2]) else {
                    throw fault(
                        "has no SHA-256 of a certificate: 'openssl x509 -in FILE -noout -fingerprint -sha256' shows it")
                }
                certificates.append((name, digest))
            default: throw fault("says neither 'token' nor 'certificate' behind the name")
            }
        }
    }

    /// The list as it stands in its file; throws a ``CommandError`` (77) where it cannot be read.
    package static func read(_ place: SecretPlace) throws(CommandError) -> AccessList {
        do {
            return try AccessList(SecretFile.text(place.path()))
        } catch let fault as Fault {
            throw CommandError(.notPermitted, "the list of who may ask (api.tls.access_file): \(fault)")
        } catch {
            throw CommandError(.notPermitted, "the list of who may ask (api.tls.access_file): \(error)")
        }
    }

    /// Whose token it is. All are compared, each in the same time.
    package func name(ofToken token: String) -> String? {
        let digest = SHA256.hash(data: Data(token.utf8))
        return tokens.filter { $0.digest == digest }.first?.name
    }

    /// Whose certificate it is, by its DER.
    package func name(ofCertificate certificate: [UInt8]) -> String? {
        let digest = Array(SHA256.hash(data: Data(certificate)))
        return certificates.first { $0.digest == digest }?.name
    }

    private static func digest(_ text: Substring) -> [UInt8]? {
        let digits = Array(text.filter { $0 != ":" })
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard digits[index].isHexDigit, digits[index + 1].isHexDigit,
                let byte = UInt8(String(digits[index...index + 1]), radix: 16)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}
