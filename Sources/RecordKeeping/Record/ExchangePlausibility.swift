import Indicators
import Metering
import Storage

/// Whether an exchange that somebody declares can have been: in time, and by the indexes of its counter.
package struct ExchangePlausibility {
    private let exchange: DeclaredExchange
    private let point: PointIndex
    private let plan: IndicatorPlan

    package init(_ exchange: DeclaredExchange, of point: PointIndex, plan: IndicatorPlan) {
        self.exchange = exchange
        self.point = point
        self.plan = plan
    }

    private var definition: PointDefinition { plan.points[Int(point)] }
    private var time: Instant { Instant(milliseconds: exchange.time) }

    /// Why it cannot have been, as a sentence for whoever declares it; nil where it can.
    package func fault(in reader: StoreReader) throws -> String? {
        guard Instant.recordable.contains(time) else {
            return "an exchange at \(time.text) is not in the years 1970 to 2100: check its time"
        }
        for (name, index) in [("closing", exchange.closing), ("opening", exchange.opening)] {
            guard index.isFinite, abs(index) <= 1e15 else {
                return "the \(name) index of \(definition.name) is no index of a meter: \(index)"
            }
            if let modulus = definition.modulus, index < 0 || index >= modulus {
                return "the \(name) index \(index) of \(definition.name) is not from 0 to its modulus \(modulus)"
            }
        }
        return try closingFault(reader) ?? openingFault(reader)
    }

    /// The closing index follows the last reading before that was believed.
    private func closingFault(_ reader: StoreReader) throws -> String? {
        let start = try StoredFeed.start(of: point, before: time, plan: plan, reader)
        guard start < time, let last = try reader.lastReading(point, before: start + 1, usable: true) else {
            return nil
        }
        guard isPlausible(exchange.closing - last.value, from: last.time, to: time) else {
            return "the closing index \(exchange.closing) of \(definition.name) does not follow \(last.value), read at "
                + "\(plan.calendar.text(last.time)): check both indexes and the time"
        }
        return nil
    }

    /// One of the next readings follows the opening index; the first may be false.
    private func openingFault(_ reader: StoreReader) throws -> String? {
        var next: [Reading] = []
        do {
            try reader.readings(point, in: Window(start: time, end: time + 30 * 86_400_000)) { reading in
                guard reading.isUsable else { return }
                next.append(reading)
                if next.count == 5 { throw Enough() }
            }
        } catch is Enough {}
        guard let first = next.first else { return nil }
        guard next.contains(where: { isPlausible($0.value - exchange.opening, from: time, to: $0.time) }) else {
            return
                "\(first.value), read of \(definition.name) at \(plan.calendar.text(first.time)), does not follow the "
                + "opening index \(exchange.opening): check both indexes and the time"
        }
        return nil
    }

    private func isPlausible(_ advance: Double, from start: Instant, to end: Instant) -> Bool {
        // An index that a person read is rounded, and so may be the last digit that was polled.
        let slack = max(abs(exchange.closing), abs(exchange.opening)) * 1e-6 + 1
        guard advance >= -slack else { return false }
        guard let maxRate = definition.maxRate else { return true }
        return advance <= maxRate * (Double(end - start) / 3_600_000) * (1 + 1e-9) + slack
    }

    private struct Enough: Error {}
}
