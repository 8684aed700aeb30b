import Acquisition
import Metering
import PlantAPI

/// A first configuration with comments, from a few answers and what a scan found.
package struct FirstConfiguration: Sendable {
    /// A unit that answered, with the profile chosen for it; nil: its registers are still to be written.
    package struct Unit: Sendable {
        package var number: Int
        package var title: String
        package var profile: String?

        /// A unit on the line.
        package init(number: Int, title: String, profile: String?) {
            (self.number, self.title, self.profile) = (number, title, profile)
        }
    }

    package var site: String
    package var timezone: String
    /// A device such as `/dev/ttyUSB0`, or `host:port`.
    package var line: String
    package var baud: Int
    package var parity: String
    package var units: [Unit]

    /// What was answered and found.
    package init(
        site: String, timezone: String, line: String, baud: Int = 19_200, parity: String = "even", units: [Unit]
    ) {
        (self.site, self.timezone, self.line, self.baud, self.parity, self.units) = (
            site, timezone, line, baud, parity, units
        )
    }

    /// The profile whose title has the words of what a device says of itself; nil where none does.
    package static func profile(for product: String, among profiles: [(name: String, title: String)]) -> String? {
        let said = product.lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
            .filter { $0.count > 3 }
        guard !said.isEmpty else { return nil }
        return profiles.first { profile in
            let title = "\(profile.name) \(profile.title)".lowercased()
            let words = Set(title.split { !($0.isLetter || $0.isNumber) }.map(String.init))
            return said.contains { words.contains($0) }
        }?.name
    }

    /// The configuration as a file.
    package var text: String {
        var lines = [
            "# Made by 'emsd init'. Check it with 'emsd check --config FILE', try the meters with 'emsd check --config FILE --connect'.",
            "site:", "  name: \(quoted(site))", "  timezone: \(timezone)", "",
            "# Everything else has a default: the database in /var/lib/emsd, the socket at /run/emsd/emsd.sock.",
            "alerts:",
            "  - {path: /var/log/emsd/alerts.jsonl, format: json}", "", "links:",
        ]
        lines.append(link)
        lines += ["", "meters:"]
        if units.isEmpty {
            lines += [
                "  # No unit was found. A meter looks like this:",
                "  # incomer: {title: Main incomer, link: line, unit: 1, profile: eastron-sdm630, interval: 10s}",
            ]
        }
        for unit in units { lines += meter(unit) }
        lines += [
            "", "# Next: indicators (what the readings mean over a window) and objectives (what is demanded of them).",
            "# indicators:",
            "#   energy_hour: {title: Electricity, window: 1h, formula: delta(incomer.energy_import), unit: kWh}",
            "# objectives:",
            "#   energy_limit: {title: Electricity below 100 kWh an hour, indicator: energy_hour, max: 100}",
        ]
        return lines.map { $0 + "\n" }.joined()
    }

    private var link: String {
        guard !line.hasPrefix("/") else {
            return
                "  line: {transport: rtu, device: \(line), baud: \(baud), parity: \(parity), stop_bits: \(parity == "none" ? 2 : 1), timeout: 500ms}"
        }
        let colon = line.lastIndex(of: ":") ?? line.endIndex
        let port = colon == line.endIndex ? "502" : String(line[line.index(after: colon)...])
        return "  line: {transport: tcp, host: \(quoted(String(line[..<colon]))), port: \(port), timeout: 1s}"
    }

    private func meter(_ unit: Unit) -> [String] {
        var lines = [
            "  meter_\(unit.number):", "    title: \(quoted(unit.title))", "    link: line", "    unit: \(unit.number)",
            "    interval: 10s",
        ]
        if let profile = unit.profile {
            lines.append(
                "    profile: \(profile)  # by what the device says of itself: hold its values against the display")
        } else {
            lines += [
                "    # No profile was recognised. 'emsctl probe LINE --unit \(unit.number) --register \"input 0\"' shows what stands where.",
                "    points:", "      value: {register: input 0, type: uint16, kind: gauge}",
            ]
        }
        return lines
    }

    private func quoted(_ text: String) -> String {
        "\"" + text.filter { $0 != "\"" && $0 != "\\" && !$0.isNewline } + "\""
    }
}
