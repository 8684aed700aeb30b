import Connections
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import PlantAPI
import PlantConfiguration
import Platform
import ServiceLifecycle

/// The HTTP server on the daemon's Unix socket.
struct APIServer: Service {
    let plant: LivePlant
    let logger: Logger
    var limits = ConnectionLimits()
    /// Called once the socket takes connections.
    let listening: @Sendable () -> Void

    func run() async throws {
        let path = plant.plant.api.socket
        let listening = listening
        let server = GuardedServer(plant: plant, limits: limits, logger: logger)
        defer { unlink(path) }
        do {
            try await server.run(APIResponder(plant: plant, logger: logger), at: .unixDomainSocket(path: path)) {
                UnixSocket.restrict(path)
                listening()
            }
        } catch {
            throw CommandError(
                .cannotCreate, "nobody can listen at \(path) (\(error)): check api.socket and its directory")
        }
    }
}
