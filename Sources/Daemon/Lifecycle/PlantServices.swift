import Foundation
import Logging
import PlantAPI
import Platform
import ServiceLifecycle
import UnixSignals

/// Brings alerts into their files; the last to end, so that also the line about the stop is on disk.
struct AlertService: Service {
    let plant: LivePlant

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await OwnThread.run("alerts") { plant.alerts.run() }
        } onGracefulShutdown: {
            plant.beginStop()
            plant.alerts.end()
        }
    }
}

/// Looks after the disk of the database.
struct DiskService: Service {
    let plant: LivePlant

    func run() async throws {
        try await withGracefulShutdownHandler {
            try OwnThread.start("check") { plant.watch.check() }
            try await OwnThread.run("disk") { plant.watch.run { plant.plant } }
        } onGracefulShutdown: {
            plant.beginStop()
        }
    }
}

/// Seals days and signs heads of the journal.
struct AuditService: Service {
    let plant: LivePlant

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await OwnThread.run("audit") {
                plant.audit.run(intake: plant.intake, settle: plant.recording.settle) { plant.plant }
            }
        } onGracefulShutdown: {
            // No more than this one: a service that ends before it is asked to is a fault.
            plant.audit.end()
        }
    }
}

/// Sends the record to other systems.
struct ForwardingService: Service {
    let plant: LivePlant

    func run() async throws {
        plant.startForwarding()
        try? await gracefulShutdown()
        try await OwnThread.run("stop forwarding") { plant.forwarder.end() }
    }
}

/// Records what comes in.
struct RecordingService: Service {
    let plant: LivePlant

    func run() async throws {
        try? await gracefulShutdown()
        try await OwnThread.run("stop recording") { plant.stopRecording() }
    }
}

/// Polls the links.
struct PollingService: Service {
    let plant: LivePlant

    func run() async throws {
        plant.polling.start(plant.plant)
        try? await gracefulShutdown()
        try await OwnThread.run("stop polling") { plant.polling.stop() }
    }
}

/// Reloads the configuration when asked by SIGHUP; what is wrong with it goes to the log, and the old one stays.
struct ReloadService: Service {
    let plant: LivePlant
    let manager: ServiceManager

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            manager.reloading()
            do {
                let answer = try await OwnThread.run("reload") {
                    try plant.reload(ReloadRequest(), askedBy: "SIGHUP")
                }
                for line in answer.warnings.split(separator: "\n") { plant.logger.warning("\(line)") }
            } catch let refusal as ConfigurationRefusal {
                for finding in refusal.findings { plant.logger.error("\(finding)") }
                plant.logger.error("the configuration was refused, the old one stays in force")
            } catch {
                plant.logger.error(
                    "the configuration could not be taken over, the old one stays in force",
                    metadata: ["error": "\(error)"])
            }
            manager.ready(plant.summary)
        }
    }
}

/// Tells systemd that the plant runs, as long as recorder and links get on.
struct WatchdogService: Service {
    let plant: LivePlant
    let manager: ServiceManager

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            let interval = manager.watchdogInterval ?? 10_000
            var before: String?
            while true {
                let pulse = plant.pulse
                if pulse.isAlive { manager.watchdog() }
                if let complaint = pulse.complaint, before == nil {
                    plant.logger.error("\(complaint)\(pulse.isAlive ? "" : "; systemd is not told that all is well")")
                }
                before = pulse.complaint
                manager.status(plant.summary)
                try await Task.sleep(for: .milliseconds(min(interval, 10_000)))
            }
        }
        if !plant.lifecycle.isRestarting { manager.stopping() }
    }
}
