import Metering
import Modbus
import Platform

extension LinkRunner: Asking {
    /// Asks over the connection; once more over a fresh one where the other side had closed it.
    ///
    /// Devices may close after each answer: then each request has a connection of its own.
    func ask(_ request: ReadRequest) throws(ModbusFailure) -> UnsafeBufferPointer<UInt16> {
        if client.isConnected, !link.isSerial, !client.isQuiet, client.idle(until: 0) == .closed {
            lostConnection(.reset)
        }
        guard client.isConnected || connectAgain() else {
            // What was not sent ran into no timeout.
            throw down.failure == .timeout ? .linkDown : down.failure
        }
        let hasServed = answersOfConnection > 0
        do throws(ModbusFailure) {
            return try exchange(request)
        } catch {
            // A stream that lost its place was given up just as if the other side had closed it.
            let isClosed = error == .reset || (error == .frame && !client.isConnected)
            guard isClosed, hasServed || !account.retriedInSlot else { throw error }
            // Whose question ended a fresh connection does not end another one right away: that one is for the others.
            if let serving, pollers[serving].endsConnections, pollers.count > 1 { throw error }
            account.retriedInSlot = true
            guard connectAgain() else { throw error }
            return try exchange(request)
        }
    }

    /// Waits between two tries of a busy device; the other meters of the link have their slots meanwhile.
    func rest(nanoseconds: Int64) -> Bool {
        let until = MonotonicTime.now() + nanoseconds
        guard depth <= LinkRunner.deepest else { return false }
        while client.isConnected {
            let now = MonotonicTime.now()
            guard now < until else { return true }
            let next = nextPoller { !pollers[$0].isServed }
            let slotTime = next.map { pollers[$0].slots.nextTime } ?? .max
            if let next, slotTime <= now {
                serveWithin(next)
                if isStopping { return false }
                continue
            }
            switch client.idle(until: min(until, slotTime)) {
            case .late: break
            case .woken:
                isStopping = wake.settle()
                if isStopping { return false }
            case .closed:
                lostConnection(.reset)
                return false
            }
        }
        return false
    }

    func giveWay() {
        guard depth <= LinkRunner.deepest else { return }
        // Each of them once: this one has its turn too.
        for _ in pollers {
            guard !isStopping, let next = nextPoller({ !pollers[$0].isServed }),
                pollers[next].slots.nextTime <= MonotonicTime.now()
            else { return }
            advanceConnection(slotTime: pollers[next].slots.nextTime)
            serveWithin(next)
        }
    }

    /// Serves the slot of a meter within the one of another.
    private func serveWithin(_ index: Int) {
        let account = account
        let before = client.counters
        serve(index)
        self.account = account
        self.account.wireOfOthers = account.wireOfOthers + (client.counters - before)
    }

    private func exchange(_ request: ReadRequest) throws(ModbusFailure) -> UnsafeBufferPointer<UInt16> {
        guard !wake.isRaised else {
            isStopping = true
            throw .linkDown
        }
        account.requests += 1
        let before = client.counters
        let began = MonotonicTime.now()
        book.pulse.works(for: client.timing.timeout, from: began)
        defer { busy += MonotonicTime.now() - began }
        do throws(ModbusFailure) {
            let count = try client.read(request)
            answered()
            if link.isSerial, let serving {
                let wire = client.lineTiming.duration(bytes: 8 + 5 + request.byteCount) + client.lineTiming.silence
                pollers[serving].noteTurnaround(client.roundTrip - wire)
            }
            return UnsafeBufferPointer(rebasing: client.words[..<count])
        } catch {
            if !error.isOfRequest { account.unanswered += waitOfOthers(since: began) }
            switch error {
            case .exception, .length: answered()
            case .timeout:
                timeoutsInRow += 1
                if timeoutsInRow >= LinkRunner.timeouts, !link.isSerial { client.disconnect() }
            default: break
            }
            // Where nonsense came there is somebody, and other units may be behind it: the next connection need not wait.
            if client.counters != before { reconnect.answered() }
            if !client.isConnected { lostConnection(error) }
            throw error
        }
    }

    /// How long others have waited since that moment for the link: time in which nobody wanted it costs nobody anything.
    private func waitOfOthers(since began: Int64) -> Int64 {
        let now = MonotonicTime.now()
        guard depth < 2 else { return now - began }
        let others = pollers.indices.lazy.filter { [pollers] in
            !pollers[$0].isServed && !pollers[$0].backOff.isProbing
        }
        let due = others.map { [pollers] in pollers[$0].slots.nextTime }.min() ?? .max
        return max(0, now - max(began, due))
    }

    func awaited(_ request: ReadRequest) -> LateAnswers.Awaited { client.awaited(request) }

    private func answered() {
        timeoutsInRow = 0
        answersOfConnection += 1
        lastAnswer = MonotonicTime.now()
        reconnect.answered()
        account.isAnswered = true
        if let serving {
            book.write { [roundTrip = client.roundTrip] in $0.entries[serving].roundTrips.record(roundTrip) }
        }
        if presence.answer() {
            events(.linkBack(link: link.name))
            book.write {
                $0.isLost = false
                $0.reason = .none
                $0.cause = nil
            }
            // Whoever is still silent now is so over a link that works, and has the usual time.
            for poller in pollers { poller.presence.beginAnew() }
        }
    }
}
