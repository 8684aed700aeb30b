import Metering
import Modbus
import Platform

extension LinkRunner {
    /// Does what is due for the connection, without passing the next slot by more than a first try takes.
    func advanceConnection(slotTime: Int64) {
        let now = MonotonicTime.now()
        switch connection {
        case .connected: return
        case .resting:
            guard slotTime <= now else { return }
            beginTry(now)
        case .waiting(let until):
            guard until <= now else { return }
            connection = .connecting(first: false)
        case .connecting: break
        }
        if case .connecting(let first) = connection { goOn(until: first ? now + firstPatience : max(slotTime, now)) }
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
    ///
    /// A link that can be connected is tried again soon, for silence and resets may be a matter of a single unit: at once where
    /// another one answers, and always after silence, which took its time already.
    func lostConnection(_ failure: ModbusFailure) {
        let now = MonotonicTime.now()
        down = failure == .timeout ? LinkRunner.unanswered : ConnectionFault(failure)
        timeoutsInRow = 0
        let isOfOneUnit = now - lastAnswer < LinkRunner.recently || isAnswering(besides: serving)
        if failure == .timeout || isOfOneUnit { reconnect.answered() }
        guard reconnect.tries > 0 else {
            connection = .resting
            if failure == .timeout, !isOfOneUnit { noteDown() }
            return
        }
        connection = .waiting(until: now + reconnect.next(atMost: LinkRunner.longestAfterLoss))
        noteDown()
    }

    /// Why a link is given up over which nothing is answered.
    static let unanswered = ConnectionFault(
        .timeout,
        "it connects, but \(timeouts) requests in a row were not answered: check the line behind it, its converter, and the "
            + "power and unit numbers of its meters")

    /// Whether some meter of the link, but for that one, answered when it was asked last.
    func isAnswering(besides index: Int?) -> Bool {
        pollers.indices.contains { $0 != index && pollers[$0].hasAnswered && !pollers[$0].presence.isMissing }
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
        // Until somebody wants a connection nobody is without one.
        lostAt = now
        let wait = reconnect.next()
        connection = isFirst ? .connecting(first: true) : .waiting(until: now + wait)
    }

    private func goOn(until moment: Int64) {
        switch client.connect(until: moment) {
        case .pending:
            // Only a wake ends the wait before its moment.
            guard MonotonicTime.now() >= moment else {
                isStopping = wake.settle()
                return
            }
            connection = .connecting(first: false)
        case .connected:
            connection = .connected
            timeoutsInRow = 0
            answersOfConnection = 0
            connections += 1
            if let index = endedBy {
                // A gateway that is long in taking a connection again costs the others more than the time of the question.
                let now = MonotonicTime.now()
                pollers[index].backOff.charge(
                    LinkRunner.connectionPrice * (now - lostAt), now: now, among: silentMeters)
                endedBy = nil
            }
            book.write { [connections, presence] in
                $0.connected = true
                if !presence.isLost {
                    $0.reason = .none
                    $0.cause = nil
                }
                $0.connections = connections
            }
        case .failed(let fault):
            down = fault
            connection = .waiting(until: MonotonicTime.now() + reconnect.next())
            noteDown()
        }
    }
}
