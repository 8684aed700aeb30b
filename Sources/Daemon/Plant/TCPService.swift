import Connections
import Foundation
import Hummingbird
import Logging
import PlantAPI
import PlantConfiguration
import ServiceLifecycle

/// What the daemon serves on a TCP port besides its socket: the metrics, the pages, the API over TLS. An address that is not there yet is waited
/// for: it is no reason not to poll.
struct TCPService<Responder: HTTPResponder>: Service where Responder.Context == CallContext {
    let plant: LivePlant
    let logger: Logger
    let responder: Responder
    let host: String
    let port: Int
    /// The key of the configuration that names the address, in whose name a fault stands in the status.
    let section: String
    /// What is served, as a sentence begins with it.
    let what: String
    /// What it is encrypted with; nil: it is not.
    var encryption: RemoteListener?
    /// Between two tries to listen.
    var patience = Duration.seconds(5)

    func run() async throws {
        let scheme = encryption == nil ? "http" : "https"
        while !Task.isShuttingDownGracefully {
            do {
                let server = GuardedServer(
                    plant: plant, limits: ConnectionLimits(), logger: logger,
                    identity: try encryption.map { try TLSIdentity($0) })
                try await server.run(responder, at: .hostname(host, port: port)) { [plant, section, what] in
                    if plant.setFault(nil, of: section) {
                        plant.logger.notice("\(what) are served at \(scheme)://\(host):\(port)")
                    }
                }
                return
            } catch let error as CommandError {
                if plant.setFault(error.message, of: section) {
                    plant.logger.warning("\(error.message); it is tried again")
                }
            } catch {
                let fault = "\(what) cannot be served at \(host):\(port) (\(error)): check \(section).listen"
                if plant.setFault(fault, of: section) { plant.logger.warning("\(fault); it is tried again") }
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: patience) }
        }
    }
}
