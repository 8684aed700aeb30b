import Conformity
import Foundation
import Indicators
import ManagementSystem
import Metering
import PlantConfiguration
import RecordKeeping
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
            decisions: decisions, register: try register(of: point, last, past.plant, window),
            formula: derived.map { derived in
                derived.later.last { $0.from <= window.start }?.text ?? derived.formulaText
            })
    }

    private func register(
        of point: PointIndex, _ last: Explanation.Sample?, _ plant: Plant, _ window: Window
    ) throws -> Explanation.Register? {
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
                words: words.map { "0x" + $0.hexadecimal },
                demands: demands,
                checks: try checks(of: plant.plan.points[Int(point)].name, meter.name, window, plant.plan.calendar))
        }
        return nil
    }

    /// Which calibration was valid in a window, and whether a later check puts it in doubt.
    private func checks(
        of point: String, _ meter: String, _ window: Window, _ calendar: SiteCalendar
    ) throws -> [String] {
        func day(_ time: Int64) -> String { calendar.date(Instant(milliseconds: time)).text }
        let last = try ManagementRecords.calibrations(in: reader).last {
            $0.meter == meter && $0.date < window.end.milliseconds
        }
        let known = last.map { check in
            "last check \(day(check.date)): \(check.asFound.rawValue)"
                + (check.certificate.map { ", certificate \($0)" } ?? "") + (check.due.map { ", due \(day($0))" } ?? "")
        }
        let doubts = try ManagementRecords.doubts(in: reader, now: window.end).filter {
            $0.concerns(point: point) && $0.stretch.overlaps(window)
        }
        return [known].compactMap { $0 }
            + doubts.map { "suspect: \($0.subject.name) failed a check on \(day($0.stretch.end.milliseconds))" }
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
