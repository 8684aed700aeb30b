import Glibc
import Metering
import Modbus

/// The life of a link's thread: waits for slots, keeps the connection, serves the meters in turn.
final class LinkRunner {
    /// Where the connection stands.
    enum Way {
        case connected
        /// No connection and none needed before the next slot.
        case resting
        /// Being made; the first try after an answer is waited for, later ones leave the slots to pass as bad.
        case connecting(first: Bool)
        /// Tried again at that moment.
        case waiting(until: Int64)
    }

    let link: LinkDefinition
    let client: ModbusClient
    let wake: WakeSignal
    let book: HealthBook
    let sink: any ReadingSink
    let events: @Sendable (AcquisitionEvent) -> Void
    let pollers: [MeterPoller]
    var way = Way.resting
    /// Why there is no connection, or why the last one was given up.
    var down = ModbusFailure.linkDown
    var reconnect: ReconnectWait
    var presence = Presence()
    var timeoutsInRow = 0
    var retriedInSlot = false
    /// No probe of a silent meter before this moment: all of them together take a tenth of a shared link.
    var nextProbe: Int64 = 0
    var requests = 0
    var busy: Int64 = 0
    var connections = 0
    var roundTrips: [Int64] = []
    var isStopping = false

    init(
        link: LinkDefinition, meters: [MeterDefinition], sink: any ReadingSink,
        events: @escaping @Sendable (AcquisitionEvent) -> Void, seed: UInt64, book: HealthBook, wake: WakeSignal
    ) {
        self.link = link
        self.sink = sink
        self.events = events
        self.book = book
        self.wake = wake
        var random = SplitMix64(seed: seed)
        client = ModbusClient(
            endpoint: link.endpoint, timing: link.timing, wake: wake,
            firstTransaction: UInt16(truncatingIfNeeded: random.next()))
        reconnect = ReconnectWait(longest: MonotonicTime.milliseconds(link.reconnect), seed: random.next())
        let now = MonotonicTime.now()
        pollers = meters.enumerated().map { index, meter in
            let interval = MonotonicTime.milliseconds(meter.interval)
            let phase = PollSlots.phase(link: link.name, index: index, of: meters.count, interval: interval)
            return MeterPoller(meter, on: link, phase: phase, now: now)
        }
        book.write { $0.started = now }
    }

    /// Polls until woken to stop.
    func run() {
        while !isStopping, let index = nextPoller() {
            let slotTime = pollers[index].slots.nextTime
            advanceConnection(slotTime: slotTime)
            if isStopping { break }
            if slotTime <= MonotonicTime.now() {
                serve(index)
            } else {
                rest(until: slotTime)
            }
        }
        client.disconnect()
        book.write { $0.connected = false }
    }

    /// Waits for the next slot, or the next try to connect where that comes first.
    private func rest(until slotTime: Int64) {
        var moment = slotTime
        if case .waiting(let until) = way { moment = min(moment, until) }
        if case .connecting = way { return }
        switch client.idle(until: moment) {
        case .late: break
        case .woken: isStopping = true
        case .closed:
            way = .resting
            down = link.isSerial ? .linkDown : .reset
        }
    }

    private func nextPoller() -> Int? {
        pollers.indices.min { pollers[$0].slots.nextTime < pollers[$1].slots.nextTime }
    }
}

extension LinkDefinition {
    /// Whether it is a serial device of this machine.
    var isSerial: Bool {
        if case .rtu = transport { true } else { false }
    }
}
