import Foundation
import Hummingbird
import Logging
import PlantConfiguration
import ServiceLifecycle

/// The metrics on their TCP port. An address that is not there yet is waited for: it is no reason not to poll.
struct MetricsServer: Service {
    let plant: LivePlant
    let logger: Logger
    let host: String
    let port: Int
    /// Between two tries to listen.
    var patience = Duration.seconds(5)

    func run() async throws {
        let server = GuardedServer(plant: plant, limits: ConnectionLimits(), logger: logger)
        while !Task.isShuttingDownGracefully {
            do {
                try await server.run(MetricsResponder(plant: plant), at: .hostname(host, port: port)) { [plant] in
                    if plant.setFault(nil, of: "metrics") {
                        plant.logger.notice("the metrics are served at \(host):\(port)")
                    }
                }
                return
            } catch {
                let fault = "the metrics cannot be served at \(host):\(port) (\(error)): check metrics.listen"
                if plant.setFault(fault, of: "metrics") { plant.logger.warning("\(fault); it is tried again") }
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: patience) }
        }
    }
}
