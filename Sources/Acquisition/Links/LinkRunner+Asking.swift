import Metering
import Modbus

extension LinkRunner: Asking {
    /// Asks over the connection; once more over a fresh one where the other side had closed it.
    func ask(_ request: ReadRequest) throws(ModbusFailure) -> UnsafeBufferPointer<UInt16> {
        do throws(ModbusFailure) {
            return try exchange(request)
        } catch .reset where !retriedInSlot {
            retriedInSlot = true
            guard connectAgain() else { throw .reset }
            return try exchange(request)
        }
    }

    /// Waits between two tries of a busy device.
    func rest(nanoseconds: Int64) -> Bool {
        switch client.idle(until: MonotonicTime.now() + nanoseconds) {
        case .late: return true
        case .woken:
            isStopping = true
            return false
        case .closed:
            lostConnection(.reset)
            return false
        }
    }

    private func exchange(_ request: ReadRequest) throws(ModbusFailure) -> UnsafeBufferPointer<UInt16> {
        guard !wake.isRaised else {
            isStopping = true
            throw .linkDown
        }
        requests += 1
        let began = MonotonicTime.now()
        defer { busy += MonotonicTime.now() - began }
        do throws(ModbusFailure) {
            let count = try client.read(request)
            answered()
            return UnsafeBufferPointer(rebasing: client.words[..<count])
        } catch {
            switch error {
            case .exception: answered()
            case .timeout:
                timeoutsInRow += 1
                if timeoutsInRow >= 3, !link.isSerial { client.disconnect() }
            default: break
            }
            if !client.isConnected { lostConnection(error) }
            throw error
        }
    }

    private func answered() {
        timeoutsInRow = 0
        reconnect.answered()
        roundTrips.append(client.roundTrip)
        if presence.answer() {
            events(.linkBack(link: link.name))
            book.write { $0.isLost = false }
        }
    }
}
