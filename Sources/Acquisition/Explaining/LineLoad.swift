import Metering
import Modbus

/// How much of a serial line's time its meters ask for.
package struct LineLoad: Sendable, Hashable {
    /// What a line carries: the rest is for devices that answer late, and for asking again.
    package static let carried = 0.9

    /// Of the line's time, what all requests with their answers, silences and turnarounds take: 1 is all of it.
    package var share: Double
    /// Milliseconds that it takes to ask all meters for everything once.
    package var round: Double
    /// The requests of such a round.
    package var requests: Int
    /// The common interval of the meters in milliseconds; nil where they have several.
    package var interval: Int64?
    /// The lowest usual rate at which the line would carry it, in bits per second; nil where none does.
    package var sufficientBaud: Int?

    /// The load of a serial line by its meters' request plans, as long as nothing is known of the devices; nil on other links.
    package init?(of meters: [MeterDefinition], on link: LinkDefinition) {
        guard case .rtu(let line) = link.transport, let own = LineLoad.sums(meters, link, baud: line.baud) else {
            return nil
        }
        share = own.share
        round = own.round
        requests = own.requests
        let intervals = Set(meters.map(\.interval))
        interval = intervals.count == 1 ? intervals.first : nil
        guard share > LineLoad.carried else { return }
        sufficientBaud = [2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200].first { baud in
            baud > line.baud && (LineLoad.sums(meters, link, baud: baud)?.share ?? 1) <= LineLoad.carried
        }
    }

    /// The shortest interval in milliseconds at which the line would carry its meters, rounded up; nil where they have several.
    package var sufficientInterval: Int64? {
        guard let interval else { return nil }
        let least = Int64((Double(interval) * share / LineLoad.carried).rounded(.up))
        let step: Int64 = least < 1000 ? 50 : least < 10_000 ? 500 : 1000
        return (least + step - 1) / step * step
    }

    private static func sums(
        _ meters: [MeterDefinition], _ link: LinkDefinition, baud: Int
    ) -> (share: Double, round: Double, requests: Int)? {
        guard case .rtu(var line) = link.transport, baud > 0 else { return nil }
        line.baud = baud
        var link = link
        link.transport = .rtu(line)
        var sums = (share: 0.0, round: 0.0, requests: 0)
        for meter in meters where !meter.points.isEmpty {
            let poller = MeterPoller(meter, on: link, phase: 0, now: 0)
            poller.endSlot(answered: true)
            let cycle = LineLoad.cycle(of: Set(poller.points.map(\.every)))
            var times: [Set<Int64>: Double] = [:]
            var busy = 0.0
            for slot in 1...cycle {
                let due = Set(poller.points.map(\.every).filter { slot % $0 == 0 })
                let time = times[due] ?? link.wireTime(ofSlot: slot, poller)
                times[due] = time
                busy += time
            }
            sums.share += busy / Double(cycle) / Double(meter.interval)
            sums.round += times.values.max() ?? 0
            sums.requests += poller.plan(slot: cycle).count
        }
        return sums
    }

    /// Slots after which the plans of a meter come again; of odd multiples, enough for a mean.
    private static func cycle(of multiples: Set<Int64>) -> Int64 {
        var cycle: Int64 = 1
        for multiple in multiples.sorted() {
            var (a, b) = (cycle, multiple)
            while b > 0 { (a, b) = (b, a % b) }
            cycle = cycle / a * multiple
            if cycle > 3600 { return max(3600, multiples.max() ?? 3600) }
        }
        return cycle
    }
}

extension LinkDefinition {
    /// Milliseconds that the requests of a slot take on the line.
    fileprivate func wireTime(ofSlot slot: Int64, _ poller: MeterPoller) -> Double {
        poller.plan(slot: slot).reduce(0) { $0 + (wireTime(of: $1, turnaround: poller.turnaround.value) ?? 0) }
    }
}
