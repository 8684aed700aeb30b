import Metering
import Modbus
import Platform

extension LinkRunner: Asking {
    /// Asks over the connection; once more over a fresh one where the other side had closed it.
    func ask(_ request: ReadRequest) throws(ModbusFailure) -> UnsafeBufferPointer<UInt16> {
        do throws(ModbusFailure) {
            return try exchange(request)
        } catch {
            // A stream that lost its place was given up just as if the other side had closed it.
            let isClosed = error == .reset || (error == .frame && !client.isConnected)
            guard isClosed, !account.retriedInSlot else { throw error }
            account.retriedInSlot = true
            guard connectAgain() else { throw error }
            return try exchange(request)
        }
    }

    /// Waits between two tries of a busy device; the other meters of the link have their slots meanwhile.
    func rest(nanoseconds: Int64) -> Bool {
        let until = MonotonicTime.now() + nanoseconds
        guard serving.count <= LinkRunner.deepest else { return false }
        while client.isConnected {
            let now = MonotonicTime.now()
            guard now < until else { return true }
            let next = nextPoller { !serving.contains($0) }
            let slotTime = next.map { pollers[$0].slots.nextTime } ?? .max
            if let next, slotTime <= now {
                let account = account
                let before = client.counters
                serve(next)
                self.account = account
                self.account.wireOfOthers = account.wireOfOthers + (client.counters - before)
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

    private func exchange(_ request: ReadRequest) throws(ModbusFailure) -> UnsafeBufferPointer<UInt16> {
        guard !wake.isRaised else {
            isStopping = true
            throw .linkDown
        }
        account.requests += 1
        let before = client.counters
        let began = MonotonicTime.now()
        defer { busy += MonotonicTime.now() - began }
        do throws(ModbusFailure) {
            let count = try client.read(request)
            answered()
            if link.isSerial, let index = serving.last {
                let wire = client.lineTiming.duration(bytes: 8 + 5 + request.byteCount) + client.lineTiming.silence
                pollers[index].noteTurnaround(client.roundTrip - wire)
            }
            return UnsafeBufferPointer(rebasing: client.words[..<count])
        } catch {
            switch error {
            case .exception: answered()
            case .timeout:
                timeoutsInRow += 1
                if timeoutsInRow >= 3, !link.isSerial { client.disconnect() }
            default: break
            }
            // Where nonsense came there is somebody, and other units may be behind it: the next connection need not wait.
            if client.counters != before { reconnect.answered() }
            if !client.isConnected { lostConnection(error) }
            throw error
        }
    }

    func awaited(_ request: ReadRequest) -> LateAnswers.Awaited { client.awaited(request) }

    private func answered() {
        timeoutsInRow = 0
        reconnect.answered()
        account.roundTrips.append(client.roundTrip)
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
