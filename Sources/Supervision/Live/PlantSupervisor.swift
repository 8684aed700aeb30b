import Foundation
import Logging
import PlantConfiguration
import ServiceLifecycle

/// Runs a plant until it is told to stop: recording, polling, alerts, the API.
package enum PlantSupervisor {
    /// Runs until SIGTERM or SIGINT, and then ends everything in order within 5 s.
    ///
    /// Throws a ``Complaint`` or a `StoreFault` where it cannot start.
    package static func run(_ plant: Plant, configuration: String, logger: Logger) async throws {
        // Who hangs up while we write is told apart by the error of the write.
        signal(SIGPIPE, SIG_IGN)
        umask(0o027)
        let manager = ServiceManager()
        try UnixSocket.prepare(plant.api.socket)
        let live = try LivePlant(plant, configuration: configuration, logger: logger)
        try await OwnThread.run("start") { try live.startRecording() }
        var services: [any Service] = [
            AlertService(plant: live), RecordingService(plant: live), DiskService(plant: live),
            PollingService(plant: live),
            APIServer(plant: live, logger: quiet(logger)) {
                manager.ready(live.summary)
                logger.notice("emsd \(ProgramVersion.text) runs", metadata: ["socket": "\(plant.api.socket)"])
            },
        ]
        if let listen = plant.metricsListen {
            let (host, port) = try address(listen)
            services.append(MetricsServer(plant: live, logger: quiet(logger), host: host, port: port))
        }
        services.append(ReloadService(plant: live, manager: manager))
        services.append(WatchdogService(plant: live, manager: manager))
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map {
                    .init(
                        service: $0, successTerminationBehavior: .ignore,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                }, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet(logger)))
        try await group.run()
        try live.close()
    }

    /// The libraries' own reports matter only where something is wrong.
    private static func quiet(_ logger: Logger) -> Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .error)
        return quiet
    }

    private static func address(_ listen: String) throws -> (String, Int) {
        guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]) else {
            throw Complaint(.configuration, "metrics.listen '\(listen)' is no host:port")
        }
        return (listen[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]")), port)
    }
}
