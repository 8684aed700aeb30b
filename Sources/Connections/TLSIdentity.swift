import Foundation
import NIOSSL
import PlantAPI
import PlantConfiguration
import Platform
import Synchronization

/// The daemon's certificate and key as they stand in their files: a renewed one counts from the next connection on.
package final class TLSIdentity: Sendable {
    /// What tells two versions of a file apart.
    private struct Stamp: Equatable {
        var inode: UInt
        var size: Int
        var seconds: Int
        var nanoseconds: Int

        init(_ path: String) {
            var status = stat()
            _ = stat(path, &status)
            (inode, size) = (UInt(status.st_ino), Int(status.st_size))
            (seconds, nanoseconds) = (Int(status.st_mtim.tv_sec), Int(status.st_mtim.tv_nsec))
        }
    }

    private let listener: RemoteListener
    private let state: Mutex<(stamps: [Stamp], context: NIOSSLContext)>

    /// Reads both; throws a ``CommandError`` (78) where they cannot be used.
    package init(_ listener: RemoteListener) throws(CommandError) {
        self.listener = listener
        let stamps = TLSIdentity.stamps(listener)
        state = Mutex((stamps, try TLSIdentity.context(listener)))
    }

    /// What the next connection is served with. Files that cannot be used, as in the middle of a renewal, leave the one before.
    func context() -> NIOSSLContext {
        state.withLock { state in
            let stamps = TLSIdentity.stamps(listener)
            if stamps != state.stamps, let renewed = try? TLSIdentity.context(listener) { state = (stamps, renewed) }
            return state.context
        }
    }

    private static func stamps(_ listener: RemoteListener) -> [Stamp] {
        [listener.certificate, (try? listener.key.path()) ?? ""].map(Stamp.init)
    }

    private static func context(_ listener: RemoteListener) throws(CommandError) -> NIOSSLContext {
        do {
            let key = try NIOSSLPrivateKey(bytes: Array(SecretFile.text(listener.key.path()).utf8), format: .pem)
            let chain = try NIOSSLCertificate.fromPEMFile(listener.certificate)
            var tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            tls.minimumTLSVersion = .tlsv12
            // A client may show a certificate; whose it is, the list of who may ask says.
            tls.certificateVerification = .optionalVerification
            return try NIOSSLContext(configuration: tls)
        } catch let fault as SecretFile.Fault {
            throw CommandError(.configuration, "api.tls: \(fault)")
        } catch {
            throw CommandError(
                .configuration,
                "api.tls: the certificate in \(listener.certificate) and its key cannot be used (\(error)): both are PEM, and "
                    + "belong together")
        }
    }
}
