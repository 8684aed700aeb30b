import Acquisition
import Glibc
import Metering
import Modbus
import Platform
import Synchronization

/// A thousand meters over TCP, acquisition alone: what it costs, and whether every slot was kept.
enum PollingBench {
    private final class Count: ReadingSink {
        let good = Atomic<Int>(0)
        let bad = Atomic<Int>(0)

        func deliver(_ readings: [PolledValue], from meter: String) {
            let usable = readings.count { $0.quality == .good }
            good.add(usable, ordering: .relaxed)
            bad.add(readings.count - usable, ordering: .relaxed)
        }
    }

    /// Polls 20 float32 of each meter once a second from a server that answers at that port.
    static func run(port: UInt16, meters count: Int, seconds: Int) -> Report {
        DescriptorLimit.raise()
        let sink = Count()
        let workers = (0..<count).map { number in
            let link = LinkDefinition(name: "link_\(number)", transport: .tcp(host: "127.0.0.1", port: port))
            let points = (0..<20).map { index in
                MeasuredPoint(
                    index: PointIndex(number * 20 + index), name: "p\(index)", kind: .gauge,
                    map: RegisterMap(table: .holding, address: UInt16(index * 2), type: .float32), interval: 1000)
            }
            let meter = MeterDefinition(name: "m\(number)", link: link.name, unit: 1, interval: 1000, points: points)
            return LinkWorker(link: link, meters: [meter], sink: sink, events: { _ in }, seed: UInt64(number))
        }
        for worker in workers { worker.start() }
        Readiness.sleep(until: MonotonicTime.now() + Int64(seconds) * 1_000_000_000)
        let processor = processorSeconds()
        let health = workers.map(\.health)
        for worker in workers { worker.requestStop() }
        for worker in workers { worker.stop() }
        return [
            "processor_seconds": processor, "seconds": Double(seconds),
            "good": Double(sink.good.load(ordering: .relaxed)), "bad": Double(sink.bad.load(ordering: .relaxed)),
            "polls": Double(health.reduce(0) { $0 + $1.polls }),
            "skipped": Double(health.reduce(0) { $0 + $1.skippedSlots }),
        ]
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
