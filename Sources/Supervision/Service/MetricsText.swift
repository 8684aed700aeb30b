import Acquisition
import Conformity
import Metering
import Storage

/// The plant in numbers as OpenMetrics text.
struct MetricsText {
    private var lines: [String] = []

    /// The metrics of this moment.
    static func of(_ plant: LivePlant) throws -> String {
        var text = MetricsText()
        // A scrape each second is no reason for a commit each second.
        let held = try plant.heldNews()
        let live = plant.liveState
        let names = plant.store.names
        try plant.store.read { reader in
            let newest = try reader.newestReadings().enumerated().map { index, stored in
                held.readings[PointIndex(index)] ?? stored
            }
            text.family("emsd_point_value", "gauge", "The newest reading, where it has a value.")
            for (point, reading) in zip(names.points, newest) {
                guard let reading, reading.isUsable else { continue }
                text.sample("emsd_point_value", [("point", point.name), ("unit", point.unit ?? "")], reading.value)
            }
            text.family("emsd_point_usable", "gauge", "Whether the newest reading is good or uncertain.")
            for (point, reading) in zip(names.points, newest) where !point.isDerived {
                text.sample("emsd_point_usable", [("point", point.name)], reading?.isUsable == true ? 1 : 0)
            }
            text.family("emsd_indicator_value", "gauge", "The value of the window closed last, where it is valid.")
            for (index, window) in try reader.lastClosed().enumerated() where !names.indicators[index].isHidden {
                let stored = try held.values[index] ?? window.flatMap { try reader.value(index, $0) }
                guard let value = stored, value.status == .valid, let number = value.value else { continue }
                let indicator = names.indicators[index]
                text.sample(
                    "emsd_indicator_value", [("indicator", indicator.name), ("unit", indicator.unit ?? "")], number)
            }
            let open = try reader.openNonconformities()
            text.family("emsd_nonconformities_ongoing", "gauge", "Nonconformities whose condition lasts.")
            text.sample("emsd_nonconformities_ongoing", [], Double(open.count { $0.condition == .ongoing }))
            text.family(
                "emsd_nonconformities_open", "gauge",
                "Nonconformities that are ongoing, or neither closed nor rejected.")
            text.sample("emsd_nonconformities_open", [], Double(open.count))
        }
        text.links(live.links)
        text.meters(live.links.flatMap(\.meters))
        text.family("emsd_faults", "gauge", "What does not work in the daemon itself now.")
        text.sample("emsd_faults", [], Double(live.faults.count))
        return text.lines.joined(separator: "\n") + "\n# EOF\n"
    }

    private mutating func links(_ links: [LinkHealth]) {
        func all(_ name: String, _ type: String, _ help: String, _ value: (LinkHealth) -> Double) {
            family(name, type, help)
            for link in links { sample(name + (type == "counter" ? "_total" : ""), [("link", link.link)], value(link)) }
        }
        all("emsd_link_connected", "gauge", "Whether the link has a connection.") { $0.connected ? 1 : 0 }
        all("emsd_link_connections", "counter", "Connections made.") { Double($0.connections) }
        all("emsd_link_load_ratio", "gauge", "Share of the time since the start that requests were under way.") {
            $0.load
        }
    }

    private mutating func meters(_ meters: [MeterHealth]) {
        func all(_ name: String, _ type: String, _ help: String, _ value: (MeterHealth) -> Double?) {
            family(name, type, help)
            for meter in meters {
                guard let value = value(meter) else { continue }
                sample(name + (type == "counter" ? "_total" : ""), [("meter", meter.meter)], value)
            }
        }
        all("emsd_meter_polls", "counter", "Slots in which the meter was asked.") { Double($0.polls) }
        all("emsd_meter_answers", "counter", "Slots in which every request was answered.") { Double($0.answers) }
        all("emsd_meter_requests", "counter", "Requests sent, repetitions and probes included.") { Double($0.requests) }
        all("emsd_meter_skipped_slots", "counter", "Slots that passed while the link was busy.") {
            Double($0.skippedSlots)
        }
        all("emsd_meter_rested_slots", "counter", "Slots without a request to a meter that does not answer.") {
            Double($0.restedSlots)
        }
        all("emsd_meter_lost", "gauge", "Whether the meter is announced as lost.") { $0.isLost ? 1 : 0 }
        all("emsd_meter_refused_points", "gauge", "Points whose registers the device refuses.") {
            Double($0.refused.count)
        }
        all("emsd_meter_lateness_seconds", "gauge", "How late the latest slot began.") { $0.lateness / 1000 }
        family("emsd_meter_errors", "counter", "Slots in which something went wrong, by the first cause.")
        for meter in meters {
            for (reason, count) in meter.errors.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                sample("emsd_meter_errors_total", [("meter", meter.meter), ("reason", reason.text)], Double(count))
            }
        }
        family("emsd_meter_strays", "counter", "What came in a meter's turn and was not taken as its answer, by kind.")
        for meter in meters {
            for (kind, count) in [
                ("late", meter.wire.late), ("foreign", meter.wire.foreign), ("garbled", meter.wire.garbled),
                ("truncated", meter.wire.truncated), ("unnumbered", meter.wire.unnumbered),
            ] where count > 0 {
                sample("emsd_meter_strays_total", [("meter", meter.meter), ("kind", kind)], Double(count))
            }
        }
        family("emsd_meter_round_trip_seconds", "gauge", "Time from request to answer over the last requests.")
        for meter in meters {
            for (quantile, value) in [("0.5", meter.medianRoundTrip), ("0.99", meter.slowRoundTrip)] {
                guard let value else { continue }
                sample(
                    "emsd_meter_round_trip_seconds", [("meter", meter.meter), ("quantile", quantile)], value / 1000)
            }
        }
    }

    private mutating func family(_ name: String, _ type: String, _ help: String) {
        lines.append("# HELP \(name) \(help)")
        lines.append("# TYPE \(name) \(type)")
    }

    private mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
        let inside = labels.map { "\($0)=\"\(MetricsText.escaped($1))\"" }.joined(separator: ",")
        lines.append("\(name)\(inside.isEmpty ? "" : "{\(inside)}") \(CanonicalJSON.text(of: value))")
    }

    private static func escaped(_ text: String) -> String {
        text.flatMap { character -> [Character] in
            switch character {
            case "\\": ["\\", "\\"]
            case "\"": ["\\", "\""]
            case "\n": ["\\", "n"]
            default: [character]
            }
        }.reduce(into: "") { $0.append($1) }
    }
}
