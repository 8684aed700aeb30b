import Foundation
import NIOSSL
import PlantAPI
import Platform

/// What a daemon far away is shown, and what it is believed by: `EMSD_TOKEN_FILE`, or `EMSD_CERTIFICATE_FILE` with
/// `EMSD_KEY_FILE`; `EMSD_CA_FILE` in place of the system's authorities. Secrets come from files alone.
struct RemoteAccess {
    /// The token; nil: none is shown.
    let token: String?
    let tls: TLSConfiguration

    /// Whether that names a daemon far away and no socket of this machine.
    static func isRemote(_ socket: String) -> Bool { socket.hasPrefix("https://") }

    /// What the environment says; throws a ``CommandError`` (77) where a file cannot be used.
    init(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        func file(_ key: String) -> String? { environment[key].flatMap { $0.isEmpty ? nil : $0 } }
        do {
            token = try file("EMSD_TOKEN_FILE").map { try SecretFile.line($0) }
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.minimumTLSVersion = .tlsv12
            if let authority = file("EMSD_CA_FILE") {
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authority))
            }
            if let certificate = file("EMSD_CERTIFICATE_FILE"), let key = file("EMSD_KEY_FILE") {
                tls.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
                tls.privateKey = .privateKey(
                    try NIOSSLPrivateKey(bytes: Array(SecretFile.text(key).utf8), format: .pem))
            }
            self.tls = tls
        } catch let fault as SecretFile.Fault {
            throw CommandError(.notPermitted, fault.description)
        } catch {
            throw CommandError(
                .notPermitted,
                "the files in EMSD_CA_FILE, EMSD_CERTIFICATE_FILE and EMSD_KEY_FILE cannot be used: they are PEM",
                detail: "\(error)")
        }
    }
}
