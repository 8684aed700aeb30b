import Metering
import Modbus
import Scenarios

/// Why a link of the configuration cannot be served where it was wanted.
struct PlacementFault: Error, CustomStringConvertible {
    let description: String
}

extension SimulatedPlant.Placement {
    /// Where a link is served; `number` counts the ports before it.
    func endpoint(of link: LinkDefinition, _ number: Int) throws(PlacementFault) -> ServedLink.Endpoint {
        switch link.transport {
        case .tcp(let host, let port): try self.port(link, host, port, number, .tcp)
        case .rtuOverTCP(let host, let port): try self.port(link, host, port, number, .rtu)
        case .rtu(let line): .terminal(path: terminals.map { "\($0)/\(link.name)" } ?? line.device)
        }
    }

    private func port(
        _ link: LinkDefinition, _ host: String, _ port: UInt16, _ number: Int, _ framing: ServerFraming
    ) throws(PlacementFault) -> ServedLink.Endpoint {
        if let portBase {
            // 0 asks the system for a free port, each time.
            guard portBase == 0 || Int(portBase) + number <= 65_535 else {
                throw PlacementFault(
                    description: "the ports from \(portBase) on do not suffice: give a lower --port-base")
            }
            return .port(host: "127.0.0.1", port: portBase == 0 ? 0 : portBase + UInt16(number), framing: framing)
        }
        guard host == "localhost" || host == "::1" || host.hasPrefix("127.") else {
            throw PlacementFault(
                description:
                    "link \(link.name) is at \(host), which is not this machine: give --port-base to serve it here")
        }
        return .port(host: host, port: port, framing: framing)
    }
}
