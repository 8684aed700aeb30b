import Conformity
import Forwarding
import Metering
import PlantAPI
import PlantConfiguration
import RecordKeeping
import Storage

/// One gateway of a simulated fleet: its own database, and the product's own forwarding from it.
final class FleetSite {
    let name: String
    private let store: PlantStore
    private let forwarder: Forwarder
    private let target: ForwardTarget
    private let plant: Plant
    private var numbers: SeededNumbers
    private var levels: [Int]

    /// The site with this number; its database stands below the directory, or is made there, empty.
    init(_ number: Int, of plant: Plant, in directory: String) throws {
        name = "works-\(number)"
        self.plant = plant
        guard var target = plant.forward.first else { throw BenchFault("the configuration has no forward target") }
        target.site = name
        self.target = target
        store = try PlantStore(
            directory: FleetSite.directory(number, in: directory), access: .owner(create: true, sync: .normal))
        try store.adopt(StoreNames(plant))
        forwarder = Forwarder(store)
        numbers = SeededNumbers(UInt64(number) &+ 1)
        levels = [Int](repeating: 20_000, count: plant.plan.points.count)
    }

    /// Where the database of a site stands.
    static func directory(_ number: Int, in directory: String) -> String { "\(directory)/works-\(number)" }

    /// A reading of each point, with a line of the journal at each full minute; it is stored before it is sent.
    func record(at time: Instant, isSent: Bool) throws {
        let readings = levels.indices.map { point in
            levels[point] += Int(numbers.next() >> 33) % 41 - 20
            return Reading(PointIndex(point), time, Double(levels[point]) / 10)
        }
        try store.write { writer in
            _ = try writer.append(readings, stayHot: true)
            if time.milliseconds / 1000 % 60 == 0 { try FleetSite.note(time, in: writer) }
        }
        if isSent { forwarder.take(readings) }
    }

    private static func note(_ time: Instant, in writer: StoreWriter) throws {
        let head = try writer.journalHead()
        var chain = JournalChain(sequence: head.seq, hash: head.hash)
        let line = chain.append(JournalEntry("bench.minute", at: time, []))
        try writer.appendJournal([
            JournalRecord(seq: line.sequence, time: time, line: line.text, hash: line.hash)
        ])
    }

    /// Records what a day would have left, packed as the daemon packs it.
    func recordPast(seconds: Int, until end: Instant) throws {
        var readings: [Reading] = []
        for second in 0..<seconds {
            let time = end - Int64(seconds - second) * 1000
            for point in levels.indices {
                levels[point] += Int(numbers.next() >> 33) % 41 - 20
                readings.append(Reading(PointIndex(point), time, Double(levels[point]) / 10))
            }
        }
        try store.write { writer in
            _ = try writer.append(readings)
            try FleetSite.note(end, in: writer)
        }
    }

    /// Begins to send; `failed` hears of each failure that is news.
    func start(failed: @escaping @Sendable () -> Void) throws {
        let plant = plant
        try forwarder.configure(
            [target],
            around: ForwardSurroundings(
                now: { FleetBench.now },
                site: {
                    ForwardedSite(version: ProgramVersion.text, configuration: plant.digest, objectives: [])
                }, tell: { _ in }, keep: { _ in }, log: { _ in failed() }))
    }

    /// Lines of the journal and readings that the target has not got, and how old the oldest of them is.
    func waiting(now: Instant) throws -> (lines: Int, lag: Int64) {
        try store.read { reader in
            let all = try forwarder.standings(reader, now: now)
            // Before its first round it has no cursor, and all waits.
            guard all.allSatisfy({ $0.lines > 0 || $0.waiting > 0 || $0.stream != "readings" }) else {
                return (1, .max)
            }
            return (all.reduce(0) { $0 + $1.waiting }, all.compactMap(\.lag).max() ?? 0)
        }
    }

    /// Ends it, and gives the directory free.
    func end() throws {
        forwarder.end()
        try store.close()
    }
}
