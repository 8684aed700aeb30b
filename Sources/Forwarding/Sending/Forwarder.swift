import Metering
import PlantAPI
import PlantConfiguration
import Platform
import RecordStream
import Storage
import Synchronization

/// Sends the record to all configured targets, each on a thread of its own: one that is dead holds up no other, and none
/// holds up polling or recording.
///
/// ```
/// let forwarder = Forwarder(store)
/// try forwarder.configure(plant.forward, around: surroundings)
/// forwarder.take(readings)  // what has just come in goes first
/// forwarder.end()
/// ```
package final class Forwarder: Sendable {
    /// Milliseconds that all senders together have to end.
    private static let patience: Int64 = 1500

    private let store: PlantStore
    private let runners = Mutex<[ForwardRunner]>([])
    private let configuring = Mutex(())

    /// A forwarder without targets.
    package init(_ store: PlantStore) { self.store = store }

    /// Takes over the targets of a configuration: those that are as they were go on, others end, new ones begin.
    package func configure(_ targets: [ForwardTarget], around: ForwardSurroundings) throws {
        try configuring.withLock { _ in
            let before = runners.withLock { $0 }
            let kept = before.filter { targets.contains($0.target) }
            let gone = before.filter { runner in !kept.contains { $0 === runner } }
            runners.withLock { $0 = kept }
            end(gone)
            let names = targets.map(\.name)
            if try store.read({ try $0.forwardCursors() }).contains(where: { !names.contains($0.target) }) {
                try store.write { try $0.keepCursors(of: names) }
            }
            for target in targets where !kept.contains(where: { $0.target == target }) {
                let runner = ForwardRunner(target, store: store, around: around)
                try runner.start()
                runners.withLock { $0.append(runner) }
            }
        }
    }

    /// Takes readings that have just come in, each later than all before it of its point.
    package func take(_ readings: [Reading]) {
        let runners = runners.withLock { $0 }
        if runners.isEmpty || readings.isEmpty { return }
        let numbered = store.numbered(readings)
        for runner in runners { runner.take(numbered) }
    }

    /// Ends all threads, and waits for them.
    package func end() {
        configuring.withLock { _ in
            let all = runners.withLock { runners in
                defer { runners = [] }
                return runners
            }
            end(all)
        }
    }

    private func end(_ runners: [ForwardRunner]) {
        for runner in runners { runner.end() }
        let moment = WallClock.steadyMilliseconds() + Forwarder.patience
        for runner in runners where !runner.join(until: moment) {
            runner.around.log("forward target '\(runner.target.name)' is left behind in the middle of connecting")
        }
    }

    /// What people have to look after, in sentences.
    package var faults: [String] {
        runners.withLock { $0 }.flatMap { runner in
            runner.shared.withLock { [$0.trouble, $0.journalTrouble].compactMap { $0 } }
        }
    }

    /// How each target stands with each of its streams.
    package func standings(_ reader: StoreReader, now: Instant) throws -> [ForwardStanding] {
        let all = runners.withLock { $0 }
        if all.isEmpty { return [] }
        let rejected = try reader.forwardRejections()
        return try all.flatMap { runner in
            try runner.target.streams.map { stream in
                try runner.standing(stream, reader, rejected: rejected[runner.target.name] ?? 0, now: now)
            }
        }
    }
}

extension ForwardRunner {
    /// How the target stands with a stream.
    func standing(
        _ stream: ForwardTarget.Stream, _ reader: StoreReader, rejected: Int, now: Instant
    ) throws -> ForwardStanding {
        let steady = WallClock.steadyMilliseconds()
        let (cursor, nextTry, fault, taken) = shared.withLock { shared in
            let lines = shared.taken.filter { $0.stream == stream && steady - $0.at < 60_000 }.reduce(0) {
                $0 + $1.lines
            }
            return (shared.cursors[stream], shared.nextTry, shared.fault, lines)
        }
        var standing = ForwardStanding(
            target: target.name, kind: target.kind.rawValue, stream: stream.rawValue, lines: cursor?.lines ?? 0,
            waiting: 0, rejected: rejected)
        standing.rate = Double(taken) / 60
        standing.nextTry = nextTry
        standing.fault = fault ?? (stream == .journal ? shared.withLock { $0.journalTrouble } : nil)
        guard let cursor else { return standing }
        standing.acknowledged = cursor.acknowledged
        switch stream {
        case .readings:
            let waiting = try reader.readingsWaiting(after: cursor)
            standing.waiting = waiting.count
            standing.lag = waiting.oldest.map { max(0, now - $0) }
        case .windows, .verdicts: standing.waiting = try reader.windowsWaiting(after: cursor)
        case .nonconformities, .journal:
            standing.waiting = max(0, try reader.journalHead().seq - Int(cursor.first))
            standing.lag = try reader.journal(after: cursor.first, atMost: 1).first.map { max(0, now - $0.time) }
        }
        if standing.waiting == 0 { standing.lag = 0 }
        return standing
    }
}

extension ForwardTarget {
    /// What speaks its protocol.
    func destination(isEnding: @escaping @Sendable () -> Bool) -> any ForwardDestination {
        switch kind {
        case .influx: InfluxDestination(self, isEnding: isEnding)
        case .postgresql: PostgresDestination(self, isEnding: isEnding)
        case .sparkplug: SparkplugDestination(self, isEnding: isEnding)
        }
    }
}
