import Metering
import Modbus
import Platform
import Testing
import WireKit

@testable import Acquisition

@Suite("Whether a link's thread comes round")
struct LinkPulseTests {
    /// Takes readings only once it may.
    private final class Barrier: ReadingSink {
        let opening = MonotonicSemaphore()
        let reached = MonotonicSemaphore()

        func deliver(_ readings: [PolledValue], from meter: String) {
            reached.signal()
            opening.wait()
            opening.signal()
        }
    }

    @Test("a thread that hangs is overdue, by more the longer it hangs, and no more once it goes on")
    func hanging() throws {
        let server = try RawServer(.tcp) { request, _, line in
            line.write(Frames.answer(request))
            return .goOn
        }
        let barrier = Barrier()
        let worker = LinkWorker(
            link: LinkDefinition(name: "l", transport: server.transport, timeout: 1),
            meters: [.three("m", unit: 1, first: 0)], sink: barrier, events: { _ in }, seed: 7)
        #expect(worker.overdue == 0)
        worker.start()
        barrier.reached.wait()
        for wanted in [10_000_000, 50_000_000] as [Int64] {
            #expect(eventually { worker.overdue >= wanted })
        }
        barrier.opening.signal()
        worker.stop()
        #expect(worker.overdue == 0)
    }

    @Test("one that waits for its slot in an hour is in time, also without anything on its link")
    func resting() throws {
        let basket = ReadingBasket()
        let worker = LinkWorker.polling(
            .tcp(host: "127.0.0.1", port: 1), [.three("m", unit: 1, first: 0, interval: 3_600_000)], basket,
            timeout: 10_000)
        worker.start()
        for _ in 0..<20 {
            #expect(worker.overdue == 0)
            Readiness.sleep(until: MonotonicTime.now() + 5_000_000)
        }
        worker.stop()
    }
}
