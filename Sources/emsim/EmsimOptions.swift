import ArgumentParser

/// The command line.
struct EmsimOptions: ParsableArguments {
    @Option(help: "The configuration whose meters are served.")
    var config: String = "/etc/emsd/emsd.yaml"

    @Option(help: "What the meters do and what goes wrong; without it plausible values, and nothing.")
    var scenario: String?

    @Option(help: "Decides all noise and chance; before the scenario's own seed.")
    var seed: UInt64?

    @Option(
        help:
            "Serve the TCP links on 127.0.0.1 from this port on; 0: any free ones. Without it: where the configuration says."
    )
    var portBase: UInt16?

    @Option(
        help:
            "Make the serial lines as terminals in this directory, by the links' names; without it at their own device paths."
    )
    var ptyDirectory: String?

    @Option(help: "How many times as fast as the clock simulated time runs.")
    var speed: Double = 1

    @Option(help: "End after so many seconds.")
    var duration: Double?

    @Option(help: "Write the configuration of that many equal meters to --config, and serve it; for tests under load.")
    var fleet: Int?

    @Option(help: "With --fleet: over how many links.")
    var fleetLinks: Int = 10

    @Option(help: "With --fleet: how often each meter is to be polled.")
    var fleetInterval: String = "1s"

    @Flag(name: .shortAndLong, help: "Say each request on standard error.")
    var verbose = false

    func validate() throws {
        if !(speed > 0 && speed <= 1_000_000) { throw ValidationError("--speed is a number above 0, at most 1000000.") }
        if let duration, !(duration > 0) { throw ValidationError("--duration is a number of seconds above 0.") }
        if let fleet {
            guard fleet > 0, fleetLinks > 0, fleetLinks <= fleet, (fleet - 1) / fleetLinks < 247 else {
                throw ValidationError(
                    "--fleet is a number above 0, on at least one link for each 247 meters (--fleet-links).")
            }
            guard let portBase, portBase > 0 else { throw ValidationError("--fleet needs a --port-base above 0.") }
            guard scenario == nil else { throw ValidationError("--fleet takes no --scenario.") }
        }
    }
}
