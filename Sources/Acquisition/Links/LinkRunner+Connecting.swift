import Metering
import Modbus
import Platform

extension LinkRunner {
    /// Does what is due for the connection, without passing the next slot by more than a first try takes.
    func advanceConnection(slotTime: Int64) {
        let now = MonotonicTime.now()
        switch way {
        case .connected: return
        case .resting:
            guard slotTime <= now else { return }
            beginTry(now)
        case .waiting(let until):
            guard until <= now else { return }
            way = .connecting(first: false)
        case .connecting: break
        }
        if case .connecting(let first) = way { goOn(until: first ? now + firstPatience : max(slotTime, now)) }
    }

    /// Connects at once where the first try after an answer is still to be had; whether there is a connection then.
    func connectAgain() -> Bool {
        guard reconnect.tries == 0 else { return false }
        let now = MonotonicTime.now()
        beginTry(now)
        goOn(until: now + firstPatience)
        return client.isConnected
    }

    /// The connection was given up or lost: the next try is at once, or later where nothing has answered since the last.
    func lostConnection(_ failure: ModbusFailure) {
        down =
            failure == .timeout
            ? ConnectionFault(
                .timeout,
                "it connects, but \(timeoutsInRow) requests in a row were not answered: check the line behind "
                    + "it, its converter, and the power and unit numbers of its meters")
            : ConnectionFault(failure)
        timeoutsInRow = 0
        way = reconnect.tries == 0 ? .resting : .waiting(until: MonotonicTime.now() + reconnect.next())
        noteDown()
    }

    private func noteDown() {
        book.write { [down] in
            $0.connected = false
            $0.reason = down.failure.reason
            $0.cause = down.description
        }
    }

    /// Nanoseconds for which slots wait for a first try; one that takes longer goes on beside them.
    private var firstPatience: Int64 { client.timing.connectTimeout }

    private func beginTry(_ now: Int64) {
        let isFirst = reconnect.tries == 0
        let wait = reconnect.next()
        way = isFirst ? .connecting(first: true) : .waiting(until: now + wait)
    }

    private func goOn(until moment: Int64) {
        switch client.connect(until: moment) {
        case .pending:
            // Only a wake ends the wait before its moment.
            guard MonotonicTime.now() >= moment else {
                isStopping = wake.settle()
                return
            }
            way = .connecting(first: false)
        case .connected:
            way = .connected
            timeoutsInRow = 0
            connections += 1
            book.write { [connections] in
                $0.connected = true
                $0.reason = .none
                $0.cause = nil
                $0.connections = connections
            }
        case .failed(let fault):
            down = fault
            way = .waiting(until: MonotonicTime.now() + reconnect.next())
            noteDown()
        }
    }
}
