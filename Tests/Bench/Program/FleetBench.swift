import Foundation
import Metering
import PlantConfiguration
import Platform
import Storage
import Synchronization

/// Hundreds of gateways in one process, each with a database and threads of its own, that send by the product's forwarding.
///
/// `Tests/Bench/fleet` starts it beside a real server, and kills it. Each second it prints a line of JSON with how far all
/// are; a line on standard input ends the recording, and it ends when the target has all.
enum FleetBench {
    static var now: Instant { Instant(milliseconds: WallClock.milliseconds()) }

    /// Makes the databases, each with so many seconds of readings up to now.
    static func prepare(_ configuration: String, sites: Int, seconds: Int, directory: String) throws -> Report {
        let plant = try plant(configuration)
        let end = now
        for number in 0..<sites {
            let site = try FleetSite(number, of: plant, in: directory)
            try site.recordPast(seconds: seconds, until: end)
            try site.end()
        }
        return ["sites": Double(sites), "readings": Double(sites * seconds * plant.plan.points.count)]
    }

    /// How many readings all databases have.
    static func count(_ configuration: String, sites: Int, directory: String) throws -> Report {
        let plant = try plant(configuration)
        var count = 0
        for number in 0..<sites {
            let store = try PlantStore(directory: FleetSite.directory(number, in: directory), access: .readOnly)
            count += try store.read { reader in
                try plant.plan.points.indices.reduce(0) { sum, point in
                    try sum
                        + reader.counts(PointIndex(point), in: Window(start: .distantPast, end: .distantFuture)).count
                }
            }
            try store.close()
        }
        return ["readings": Double(count)]
    }

    /// Lets all begin at once, and record a reading of each point every so many seconds, the sites by turns.
    static func run(_ configuration: String, sites count: Int, interval: Int, directory: String) throws -> Report {
        DescriptorLimit.raise()
        let plant = try plant(configuration)
        let sites = try (0..<count).map { try FleetSite($0, of: plant, in: directory) }
        let failures = Counter()
        let asked = Counter()
        try OwnThread.start("asked") {
            _ = readLine()
            asked.add()
        }
        for site in sites { try site.start { failures.add() } }
        let began = WallClock.steadyMilliseconds()
        var recorded = 0
        var (second, isRecording) = (now.milliseconds / 1000, true)
        while true {
            if asked.value > 0 { isRecording = false }
            if isRecording {
                let due = stride(from: Int(second) % max(1, interval), to: sites.count, by: max(1, interval))
                for site in due {
                    try sites[site].record(at: Instant(milliseconds: second * 1000), isSent: true)
                    recorded += plant.plan.points.count
                }
            }
            let behind = second % 5 == 0 || !isRecording
            if behind, try say(sites, since: began, recorded, failures.value), !isRecording { break }
            second += 1
            let left = second * 1000 - now.milliseconds
            if left > 0 { usleep(UInt32(left) * 1000) }
            // Where the machine cannot keep up, the gateways would have gone on: their seconds are not left out.
        }
        for site in sites { try site.end() }
        return ["recorded": Double(recorded), "failures": Double(failures.value)]
    }

    /// Prints how far all are; whether the target has everything.
    private static func say(_ sites: [FleetSite], since began: Int64, _ recorded: Int, _ failures: Int) throws -> Bool {
        let now = now
        let all = try sites.map { try $0.waiting(now: now) }
        let lags = all.map(\.lag).sorted()
        let line: [String: Any] = [
            "ms": WallClock.steadyMilliseconds() - began, "recorded": recorded, "failures": failures,
            "waiting": all.reduce(0) { $0 + $1.lines }, "lag_median": lags[lags.count / 2], "lag_worst": lags.last ?? 0,
            "behind": lags.count { $0 > 10_000 },
        ]
        FileHandle.standardOutput.write(try JSONSerialization.data(withJSONObject: line, options: .sortedKeys) + [10])
        return all.allSatisfy { $0.lines == 0 }
    }

    private static func plant(_ path: String) throws -> Plant {
        let report = PlantLoader.load(path: path)
        guard let plant = report.plant else {
            throw BenchFault(report.faults.map { "\($0)" }.joined(separator: "\n"))
        }
        return plant
    }
}

/// A number that many threads add to.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    func add() { count.add(1, ordering: .relaxed) }
}
