import Foundation
import Hummingbird
import Logging
import PlantConfiguration
import ServiceLifecycle

/// The pages on their TCP port. An address that is not there yet is waited for: it is no reason not to poll.
struct WebServer: Service {
    let plant: LivePlant
    let logger: Logger
    let host: String
    let port: Int
    /// Between two tries to listen.
    var patience = Duration.seconds(5)

    func run() async throws {
        let server = GuardedServer(plant: plant, limits: ConnectionLimits(), logger: logger)
        let responder = PageResponder(plant: plant, hosts: PageResponder.hosts(of: host))
        while !Task.isShuttingDownGracefully {
            do {
                try await server.run(responder, at: .hostname(host, port: port)) { [plant] in
                    if plant.setFault(nil, of: "web") {
                        plant.logger.notice("the page is served at http://\(host):\(port)/")
                    }
                }
                return
            } catch {
                let fault = "the page cannot be served at \(host):\(port) (\(error)): check web.listen"
                if plant.setFault(fault, of: "web") { plant.logger.warning("\(fault); it is tried again") }
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: patience) }
        }
    }
}
