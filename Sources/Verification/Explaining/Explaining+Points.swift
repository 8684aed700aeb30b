import Conformity
import Foundation
import Indicators
import Metering
import PlantConfiguration
import Recording
import Storage

extension Explaining {
    /// What was read of a point in a window, what of it was not used and why, and from which register.
    func point(
        _ point: PointIndex, over window: Window, _ past: PastPlant, _ plan: IndicatorPlan, _ reader: StoreReader
    ) throws -> Explanation.Point {
        let definition = plan.points[Int(point)]
        var (used, uncertain) = (0, 0)
        var (first, last): (Explanation.Sample?, Explanation.Sample?)
        var (minimum, maximum): (Double?, Double?)
        var unused: [String: Int] = [:]
        try StoredPoint(point, plan: plan).readings(in: window, reader) { reading in
            guard reading.isUsable else {
                unused[reading.reason == .none ? "bad" : reading.reason.text, default: 0] += 1
                return
            }
            used += 1
            if reading.quality == .uncertain { uncertain += 1 }
            let sample = Explanation.Sample(time: reading.time, value: reading.value)
            (first, last) = (first ?? sample, sample)
            minimum = min(minimum ?? reading.value, reading.value)
            maximum = max(maximum ?? reading.value, reading.value)
        }
        let decisions = try reader.ledger(point, in: window).map { entry in
            "\(entry.verdict.text) at \(entry.time.text)"
                + (entry.advance.map { ", advance \(CanonicalJSON.text(of: $0))" } ?? "")
        }
        let derived = plan.derived.first { $0.point == point }
        return Explanation.Point(
            name: definition.name, kind: definition.kind.rawValue, unit: definition.unit, used: used,
            uncertain: uncertain, first: first, last: last, minimum: minimum, maximum: maximum,
            unused: unused.sorted { $0.key < $1.key }.map { Explanation.Unused(reason: $0.key, count: $0.value) },
            decisions: decisions, register: register(of: point, last, past.plant),
            formula: derived.map { derived in
                derived.later.last { $0.from <= window.start }?.text ?? derived.formulaText
            })
    }

    private func register(
        of point: PointIndex, _ last: Explanation.Sample?, _ plant: Plant
    ) -> Explanation.Register? {
        for meter in plant.meters {
            guard let measured = meter.points.first(where: { $0.index == point }) else { continue }
            let map = measured.map
            let scale = last.flatMap { last in map.laterScales.last { $0.from <= last.time }?.scale } ?? map.scale
            var scaled = map
            scaled.scale = scale
            // Where a register of the device gives the scale its words cannot be known from the value.
            let words = map.scaleRegister == nil ? last.map { scaled.encode($0.value).words } ?? [] : []
            var demands: [String] = []
            if let range = measured.range {
                demands.append(
                    "range \(CanonicalJSON.text(of: range.lowerBound)) to \(CanonicalJSON.text(of: range.upperBound))")
            }
            if !map.sentinels.isEmpty {
                demands.append(
                    "not available: " + map.sentinels.map { "0x" + String($0, radix: 16) }.joined(separator: ", "))
            }
            if let condition = meter.validWhen {
                demands.append("valid_when \(condition.text { plant.plan.points[Int($0)].name })")
            }
            if let register = map.scaleRegister { demands.append("scale from register \(register)") }
            let link = plant.links.first { $0.name == meter.link }
            return Explanation.Register(
                meter: meter.name, title: meter.title, link: meter.link, transport: link?.words ?? "?",
                unit: Int(meter.unit), address: "\(map.table.rawValue) \(map.address)", type: map.type.rawValue,
                order: map.order.rawValue, scale: scale, offset: map.offset,
                words: words.map {
                    "0x" + String(repeating: "0", count: 4 - String($0, radix: 16).count) + String($0, radix: 16)
                },
                demands: demands)
        }
        return nil
    }
}

extension LinkDefinition {
    /// How it reaches its meters.
    var words: String {
        switch transport {
        case .tcp(let host, let port): "Modbus TCP \(host):\(port)"
        case .rtuOverTCP(let host, let port): "Modbus RTU over TCP \(host):\(port)"
        case .rtu(let line): "Modbus RTU \(line.device), \(line.baud) baud, parity \(line.parity.rawValue)"
        }
    }
}
