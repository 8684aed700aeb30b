import Foundation
import Hummingbird
import Logging
import ServiceLifecycle

/// The HTTP server on the daemon's Unix socket.
struct APIServer: Service {
    let plant: LivePlant
    let logger: Logger
    /// Called once the socket takes connections.
    let listening: @Sendable () -> Void

    func run() async throws {
        let path = plant.plant.api.socket
        let listening = listening
        let server = Application(
            responder: APIResponder(plant: plant, logger: logger),
            configuration: ApplicationConfiguration(address: .unixDomainSocket(path: path), serverName: "emsd"),
            onServerRunning: { _ in
                UnixSocket.restrict(path)
                listening()
            }, logger: logger)
        do {
            try await server.run()
        } catch {
            throw Complaint(
                .cannotCreate, "nobody can listen at \(path) (\(error)): check api.socket and its directory")
        }
        unlink(path)
    }
}

/// The metrics on their TCP port.
struct MetricsServer: Service {
    let plant: LivePlant
    let logger: Logger
    let host: String
    let port: Int

    func run() async throws {
        let server = Application(
            responder: MetricsResponder(plant: plant),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: "emsd"),
            logger: logger)
        do {
            try await server.run()
        } catch {
            throw Complaint(.cannotCreate, "nobody can listen at \(host):\(port) (\(error)): check metrics.listen")
        }
    }
}
