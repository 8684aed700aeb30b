import Foundation
import Modbus
import PlantConfiguration
import Scenarios

/// Why nothing is simulated: what to print, and the exit code.
struct SimulationStop: Error {
    var lines: [String]
    var code: Int32
}

/// A running simulation.
final class Simulation {
    private let options: EmsimOptions
    private let links: [ServedLink]
    private let server: ModbusServer

    /// Reads what is to be simulated, and serves it.
    init(_ options: EmsimOptions) throws(SimulationStop) {
        self.options = options
        Simulation.raiseDescriptorLimit()
        if let fleet = options.fleet, let portBase = options.portBase {
            let text = FleetConfiguration(
                meters: fleet, links: options.fleetLinks, portBase: portBase, interval: options.fleetInterval
            ).text
            guard (try? text.write(toFile: options.config, atomically: true, encoding: .utf8)) != nil else {
                throw SimulationStop(lines: ["emsim: cannot write \(options.config): check the directory"], code: 73)
            }
        }
        let report = PlantLoader.load(path: options.config)
        guard let plant = report.plant else {
            throw SimulationStop(lines: report.faults.map(\.description), code: 78)
        }
        var scenario = Scenario()
        if let path = options.scenario {
            let read = ScenarioLoader.load(path: path, plant: plant)
            guard let found = read.scenario else {
                throw SimulationStop(lines: read.faults.map(\.description), code: 78)
            }
            scenario = found
        }
        if let seed = options.seed { scenario.seed = seed }
        let clock = SimulationClock(epoch: scenario.epoch, speed: options.speed)
        let placement = SimulatedPlant.Placement(portBase: options.portBase, terminals: options.ptyDirectory)
        do {
            links = try SimulatedPlant(plant, scenario, clock: clock, placement: placement).links
        } catch {
            throw SimulationStop(lines: ["emsim: \(error)"], code: 78)
        }
        let listener: (@Sendable (ServerRequest) -> Void)? =
            options.verbose ? { @Sendable in Simulation.report($0) } : nil
        // Before any thread starts, so that the signals reach only the one that waits for them.
        var stops = Simulation.endingSignals
        pthread_sigmask(SIG_BLOCK, &stops, nil)
        do {
            server = try ModbusServer(links, traffic: ServerTraffic(listener: listener))
        } catch {
            throw SimulationStop(lines: ["emsim: \(error)"], code: 73)
        }
    }

    /// Says on standard output where each link is served, and at the end that all are.
    func announce() {
        for (link, address) in zip(links, server.addresses) {
            let units = link.units.keys.sorted().map(String.init).joined(separator: ",")
            switch (link.endpoint, address) {
            case (.port(let host, _, let framing), .port(let port)):
                print("\(link.name) \(framing == .tcp ? "tcp" : "rtu_over_tcp") \(host):\(port) units \(units)")
            case (_, .terminal(let path)): print("\(link.name) rtu \(path) units \(units)")
            case (.terminal, .port): break
            }
        }
        print("ready")
        fflush(nil)
    }

    /// Returns at SIGTERM or SIGINT, or when the duration is over.
    func wait() {
        var stops = Simulation.endingSignals
        guard let duration = options.duration else {
            var caught: Int32 = 0
            sigwait(&stops, &caught)
            return
        }
        var time = timespec(tv_sec: Int(duration), tv_nsec: Int(duration.truncatingRemainder(dividingBy: 1) * 1e9))
        while sigtimedwait(&stops, nil, &time) < 0, errno == EINTR {}
    }

    /// Ends all connections, and says what there was.
    func end() {
        server.stop()
        let traffic = server.traffic
        print("served \(traffic.requestCount) requests, \(traffic.faultCount) of them with a fault or a delay")
    }

    private static var endingSignals: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        sigaddset(&set, SIGINT)
        sigaddset(&set, SIGHUP)
        return set
    }

    /// Each connection takes three descriptors, and a fleet has many.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static func report(_ request: ServerRequest) {
        let what = request.isRead ? "\(request.address)+\(request.count)" : "-"
        FileHandle.standardError.write(Data("unit \(request.unit) function \(request.function) \(what)\n".utf8))
    }
}
