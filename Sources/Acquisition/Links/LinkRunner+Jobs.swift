import Modbus
import Platform

extension LinkRunner {
    /// Nanoseconds after which a question is asked although polling leaves no room.
    private static let jobPatience: Int64 = 2_000_000_000

    /// Asks what somebody wants to know of a device, where that ends before the next slot; on a line without room once in a
    /// while nevertheless, for at most a tenth of its time.
    func doJob(before slotTime: Int64) {
        guard let job = jobs.first else { return }
        let now = MonotonicTime.now()
        let cost = client.timing.timeout + client.timing.pause + 20_000_000
        let isForced = now - job.waitingSince >= LinkRunner.jobPatience && now >= nextForcedJob
        guard slotTime - now > cost || isForced, jobs.next() === job else { return }
        if pollers.isEmpty, !client.isConnected {
            // Nobody else tries to connect it.
            reconnect.answered()
            connection = .resting
        }
        switch connection {
        case .connected: break
        case .resting:
            guard connectAgain() else { return job.finish(.failure(down.failure)) }
        case .connecting, .waiting: return job.finish(.failure(down.failure))
        }
        do throws(ModbusFailure) {
            switch job.question {
            case .read(let request):
                let count = try client.read(request)
                job.finish(.success(.words(Array(client.words[..<count]))))
            case .identify(let unit): job.finish(.success(.objects(try client.identify(unit))))
            }
            reconnect.answered()
        } catch {
            if case .exception = error { reconnect.answered() }
            if !client.isConnected { lostConnection(error) }
            job.finish(.failure(error))
        }
        let ended = MonotonicTime.now()
        busy += ended - now
        if isForced { nextForcedJob = ended + 9 * (ended - now) }
    }
}
