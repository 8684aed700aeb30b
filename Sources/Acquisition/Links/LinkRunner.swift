import Glibc
import Metering
import Modbus
import Platform

/// The life of a link's thread: waits for slots, keeps the connection, serves the meters in turn.
final class LinkRunner {
    /// Where the connection stands.
    enum Connection {
        case connected
        /// No connection and none needed before the next slot.
        case resting
        /// Being made; the first try after an answer is waited for, later ones leave the slots to pass as bad.
        case connecting(first: Bool)
        /// Tried again at that moment.
        case waiting(until: Int64)
    }

    /// Nanoseconds from which on an answer is slow: what it brought is handed on before the next one is asked for.
    static let slowAnswer: Int64 = 20_000_000

    /// Meters that may be served within each other's slots.
    static let deepest = 8

    /// Requests in a row without an answer, over all units, after which a connection is made anew.
    static let timeouts = 3
    /// Nanoseconds since an answer for which a connection that is lost is made again at once.
    static let recently: Int64 = 10_000_000_000
    /// Nanoseconds at most before a connection is tried again that could be made the last time.
    static let longestAfterLoss: Int64 = 4_000_000_000
    /// Nanoseconds that a question counts for at least which ended a connection, and how much more the time without one counts
    /// than its own: others shall lose at most a hundredth of their polls by it.
    static let lossCost: Int64 = 150_000_000
    static let connectionPrice: Int64 = 10

    let link: LinkDefinition
    let client: ModbusClient
    let wake: WakeSignal
    let book: HealthBook
    var sink: any ReadingSink
    var events: @Sendable (AcquisitionEvent) -> Void
    var pollers: [MeterPoller]
    var connection = Connection.resting
    /// Why there is no connection, or why the last one was given up.
    var down = ConnectionFault(.linkDown)
    var reconnect: ReconnectWait
    var presence = Presence()
    var timeoutsInRow = 0
    var account = SlotAccount()
    /// The meter whose slot is being served; while it is busy, others are within its slot.
    var serving: Int?
    /// How many slots are being served, each within the one before.
    var depth = 0
    /// Answers over the present connection.
    var answersOfConnection = 0
    /// When anything was answered last, on the monotonic clock.
    var lastAnswer: Int64 = .min / 2
    /// When a connection was wanted again after it was lost last.
    var lostAt: Int64 = 0
    /// The meter whose question ended the connection before.
    var endedBy: Int?
    var busy: Int64 = 0
    var connections = 0
    var isStopping = false
    /// Whether it was said that the gateway does not echo transactions.
    var isUnnumberedTold = false
    /// Whether it was said that another master asks on the line.
    var isForeignTold = false
    /// Questions of people who set up the plant.
    let jobs: LineJobQueue
    /// Other meters that it is to poll.
    let changes: MeterChangeBox
    /// No question without room for it before this moment.
    var nextForcedJob: Int64 = 0

    init(
        link: LinkDefinition, meters: [MeterDefinition], sink: any ReadingSink,
        events: @escaping @Sendable (AcquisitionEvent) -> Void, seed: UInt64, book: HealthBook, wake: WakeSignal,
        jobs: LineJobQueue, changes: MeterChangeBox, lookUp: @escaping HostLookUp
    ) {
        self.link = link
        self.jobs = jobs
        self.changes = changes
        self.sink = sink
        self.events = events
        self.book = book
        self.wake = wake
        var random = SplitMix64(seed: seed)
        client = ModbusClient(
            endpoint: link.endpoint, timing: link.timing, wake: wake,
            firstTransaction: UInt16(truncatingIfNeeded: random.next()), lookUp: lookUp)
        reconnect = ReconnectWait(longest: MonotonicTime.milliseconds(link.reconnect), seed: random.next())
        let now = MonotonicTime.now()
        pollers = meters.enumerated().map { index, meter in
            let interval = MonotonicTime.milliseconds(meter.interval)
            let phase = PollSlots.phase(link: link.name, index: index, of: meters.count, interval: interval)
            return MeterPoller(meter, on: link, phase: phase, now: now)
        }
        let (connections, isLost, lost, late) = book.write {
            $0.started = now
            return ($0.connections, $0.isLost, $0.entries.map(\.health.isLost), $0.late)
        }
        // What a worker before gave up may come to this one.
        if let late { client.late = late }
        self.connections = connections
        // What was announced as lost before a reload or a start is announced as back after it.
        presence = Presence(isLost: isLost)
        for (poller, isLost) in zip(pollers, lost) { poller.presence = Presence(isLost: isLost) }
    }

    /// Takes over what was known of the devices, by meter.
    func adopt(_ learned: [String: LearnedFacts]) {
        let (now, wallClock) = (MonotonicTime.now(), Instant.ofWallClock)
        for poller in pollers {
            if let facts = learned[poller.definition.name] { poller.adopt(facts, now: now, wallClock: wallClock) }
        }
    }

    /// Polls until woken to stop.
    func run() {
        let longest = MonotonicTime.milliseconds(link.timeout)
        defer { book.pulse.rests() }
        while !isStopping {
            book.pulse.works(for: longest, from: MonotonicTime.now())
            if let change = changes.take() { take(change) }
            let index = nextPoller()
            let slotTime = index.map { pollers[$0].slots.nextTime } ?? .max
            if index != nil { advanceConnection(slotTime: slotTime) }
            if isStopping { break }
            doJob(before: slotTime)
            if index == nil, !client.isConnected {
                // Without meters nobody tries again before the next question.
                client.disconnect()
                connection = .resting
            }
            if let index, slotTime <= MonotonicTime.now() {
                serve(index)
            } else {
                rest(until: slotTime)
            }
        }
        jobs.close()
        client.disconnect()
        book.write { [late = client.late] in
            $0.connected = false
            $0.late = late
        }
    }

    /// Waits for the next slot, or the next try to connect where that comes first.
    private func rest(until slotTime: Int64) {
        var moment = slotTime
        if case .waiting(let until) = connection { moment = min(moment, until) }
        if case .connecting = connection { return }
        if let job = jobs.first {
            // Looked at again as soon as it may be asked although there is no room.
            moment = min(moment, max(job.waitingSince + 2_000_000_000, nextForcedJob))
        }
        book.pulse.waits(until: moment)
        switch client.idle(until: moment) {
        case .late: break
        case .woken: isStopping = wake.settle()
        case .closed:
            connection = .resting
            down = ConnectionFault(link.isSerial ? .linkDown : .reset)
        }
    }

    /// The meter whose slot comes next, among those that may; one that ends connections comes a little later.
    func nextPoller(_ may: (Int) -> Bool = { _ in true }) -> Int? {
        pollers.indices.lazy.filter(may).min { pollers[$0].turn < pollers[$1].turn }
    }

    /// Meters of the link that do not answer.
    var silentMeters: Int { pollers.count { $0.backOff.isProbing } }
}

/// What one slot of a meter came to on the wire.
struct SlotAccount {
    /// Requests sent.
    var requests = 0
    /// Nanoseconds of those that were not answered.
    var unanswered: Int64 = 0
    /// Whether any was answered.
    var isAnswered = false
    /// Whether the one repetition after a reset has been used.
    var retriedInSlot = false
    /// What came in the slots of other meters meanwhile.
    var wireOfOthers = WireCounters()
}

extension LinkDefinition {
    /// Whether it is a serial device of this machine.
    var isSerial: Bool {
        if case .rtu = transport { true } else { false }
    }
}

extension Instant {
    /// Now, by the wall clock.
    static var ofWallClock: Instant { Instant(milliseconds: WallClock.milliseconds()) }
}
