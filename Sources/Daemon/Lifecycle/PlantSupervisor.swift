import DatabaseFile
import Foundation
import Logging
import Modbus
import PlantAPI
import PlantConfiguration
import Platform
import ServiceLifecycle
import Storage

/// Runs a plant until it is told to stop: recording, polling, alerts, the API.
///
/// ```
/// let plant = try ConfigurationCheck.load("emsd.yaml", warn: StandardStreams.complain)
/// try await PlantSupervisor.run(plant, configuration: "emsd.yaml", logger: logger)
/// ```
package enum PlantSupervisor {
    /// Runs until SIGTERM or SIGINT, and then ends everything in order within 5 s.
    ///
    /// Throws a ``CommandError`` or a `StoreFault` where it cannot start.
    package static func run(_ plant: Plant, configuration: String, logger: Logger) async throws {
        var plant = plant
        var last: MonotonicMoment?
        var loss: String?
        while let next = try await runOnce(plant, configuration: configuration, after: loss, logger: logger) {
            // Whoever starts us again does it slower; damage that comes back at once is a matter for people.
            if let last, last.duration(to: .now) < .seconds(600) {
                throw CommandError(
                    .inputOutput,
                    "the database in \(plant.storage.directory) was damaged or removed again within minutes: "
                        + "check the disk")
            }
            last = .now
            (plant, loss) = next
        }
    }

    /// Returns the plant with which to begin again, on a new database; nil where it was told to stop.
    private static func runOnce(
        _ plant: Plant, configuration: String, after loss: String?, logger: Logger
    ) async throws -> (Plant, loss: String?)? {
        // Who hangs up while we write is told apart by the error of the write.
        signal(SIGPIPE, SIG_IGN)
        umask(0o027)
        FreedMemory.keepLittle()
        let manager = ServiceManager()
        try UnixSocket.prepare(plant.api.socket)
        guard let live = try await begin(plant, configuration: configuration, after: loss, logger: logger) else {
            return (plant, nil)
        }
        var services: [any Service] = [
            AlertService(plant: live), RecordingService(plant: live), DiskService(plant: live),
            AuditService(plant: live), ForwardingService(plant: live),
            PollingService(plant: live),
            APIServer(plant: live, logger: quiet(logger)) {
                manager.ready(live.summary)
                logger.notice("emsd \(ProgramVersion.text) runs", metadata: ["socket": "\(plant.api.socket)"])
            },
        ]
        if let listen = plant.metricsListen {
            let (host, port) = try address(listen, of: "metrics")
            services.append(TCPService.metrics(of: live, quiet(logger), host: host, port: port))
        }
        if let listen = plant.webListen {
            let (host, port) = try address(listen, of: "web")
            services.append(TCPService.pages(of: live, quiet(logger), host: host, port: port))
        }
        if let remote = plant.api.remote {
            let (host, port) = try address(remote.listen, of: "api.tls")
            services.append(TCPService.remote(of: live, quiet(logger), remote, host: host, port: port))
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
        live.lifecycle.ends { Task { await group.triggerGracefulShutdown() } }
        try await group.run()
        guard live.lifecycle.isRestarting else {
            try live.close()
            return nil
        }
        // What is damaged may not even close; the lock goes with its last user.
        do { try live.close() } catch { logger.error("the damaged database does not close: \(error)") }
        return (live.plant, live.watch.losses.last)
    }

    /// A plant that records; nil where its database was met damaged, which is noted.
    private static func begin(
        _ plant: Plant, configuration: String, after loss: String?, logger: Logger
    ) async throws -> LivePlant? {
        do {
            let live = try LivePlant(plant, configuration: configuration, after: loss, logger: logger)
            do {
                try await OwnThread.run("start") { try live.startRecording() }
            } catch {
                try? live.close()
                throw error
            }
            return live
        } catch let fault as StoreFault where fault.kind == .corrupt {
            logger.error("\(fault.message); it will be set aside")
            try PlantStore.noteDamage(fault.message, in: plant.storage.directory)
            return nil
        }
    }

    /// The libraries' own reports matter only where something is wrong.
    private static func quiet(_ logger: Logger) -> Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .error)
        return quiet
    }

    private static func address(_ listen: String, of section: String) throws -> (String, Int) {
        guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]) else {
            throw CommandError(.configuration, "\(section).listen '\(listen)' is no host:port")
        }
        return (listen[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]")), port)
    }
}
