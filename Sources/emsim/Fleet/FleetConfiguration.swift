/// The configuration of a fleet of equal meters, for tests under load.
struct FleetConfiguration {
    let meters: Int
    let links: Int
    let portBase: UInt16
    /// As a duration of the configuration, e.g. `1s`.
    let interval: String

    /// As YAML; the daemon reads the same file.
    var text: String {
        var text = """
            # \(meters) equal meters on \(links) links, written by emsim --fleet
            site: {name: Fleet, timezone: UTC}
            links:

            """
        for link in 0..<links {
            text += "  link_\(link): {transport: tcp, host: 127.0.0.1, port: \(Int(portBase) + link), timeout: 1s}\n"
        }
        text += "meters:\n"
        for meter in 0..<meters {
            text += """
                  meter_\(meter):
                    link: link_\(meter % links)
                    unit: \(meter / links + 1)
                    interval: \(interval)
                    points:
                      power: {register: input 0, type: float32, unit: kW, kind: gauge}
                      voltage: {register: input 2, type: uint16, scale: 0.1, unit: V, kind: gauge}
                      state: {register: input 3, type: uint16, kind: state}
                      energy: {register: input 4, type: uint64, scale: 0.001, unit: kWh, kind: counter, max_rate: 1000}

                """
        }
        return text
    }
}
