import Conformity
import Metering
import Storage

/// The plant in numbers as OpenMetrics text.
struct MetricsText {
    private var lines: [String] = []

    /// The metrics of this moment.
    static func of(_ plant: LivePlant) throws -> String {
        var text = MetricsText()
        plant.recording.settle()
        let live = plant.liveState
        let names = plant.store.names
        try plant.store.read { reader in
            let newest = try reader.newestReadings()
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
                guard let window, let value = try reader.value(index, window), value.status == .valid,
                    let number = value.value
                else { continue }
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
        text.family("emsd_link_connected", "gauge", "Whether the link has a connection.")
        for link in live.links { text.sample("emsd_link_connected", [("link", link.link)], link.connected ? 1 : 0) }
        let meters = live.links.flatMap(\.meters)
        text.family("emsd_meter_polls", "counter", "Slots in which the meter was asked.")
        for meter in meters { text.sample("emsd_meter_polls_total", [("meter", meter.meter)], Double(meter.polls)) }
        text.family("emsd_meter_errors", "counter", "Slots in which something went wrong, by the first cause.")
        for meter in meters {
            for (reason, count) in meter.errors.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                text.sample(
                    "emsd_meter_errors_total", [("meter", meter.meter), ("reason", reason.text)], Double(count))
            }
        }
        text.family("emsd_meter_skipped_slots", "counter", "Slots that passed while the link was busy.")
        for meter in meters {
            text.sample("emsd_meter_skipped_slots_total", [("meter", meter.meter)], Double(meter.skippedSlots))
        }
        text.family("emsd_faults", "gauge", "What does not work in the daemon itself now.")
        text.sample("emsd_faults", [], Double(live.faults.count))
        return text.lines.joined(separator: "\n") + "\n# EOF\n"
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
