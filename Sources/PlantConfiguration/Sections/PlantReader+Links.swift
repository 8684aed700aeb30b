import ConfigurationSource
import Metering

/// What a link's `transport` may be.
private enum TransportWord: String, CaseIterable {
    case tcp
    case rtu
    case rtuOverTCP = "rtu_over_tcp"
}

extension PlantReader {
    /// The rates that the serial driver knows; it falls back to 9600 on any other.
    private static let bauds: [Int] = [
        110, 300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 500_000, 576_000,
        921_600,
        1_000_000, 1_152_000, 1_500_000, 2_000_000, 2_500_000, 3_000_000, 3_500_000, 4_000_000,
    ]

    /// The links.
    func readLinks(_ top: Section) {
        var neighbours: [String: [Neighbour]] = [:]
        for (name, field) in names(top, "links", "link") {
            linkNames.append(name)
            linkMarks[name] = field.keyMark
            guard let section = field.section("link '\(name)'") else { continue }
            if let link = readLink(name, section) {
                links.append(link)
                neighbours[link.place, default: []].append(
                    Neighbour(name: name, mark: field.keyMark, limit: section.field("max_connections")))
            }
            section.close()
        }
        checkSharing(neighbours)
    }

    private func readLink(_ name: String, _ section: Section) -> LinkDefinition? {
        let transport = readTransport(section)
        let hour: Int64 = 3_600_000
        let timeout = section.field("timeout").map { $0.duration(1...hour) } ?? 1000
        let pause = section.field("pause").map { $0.duration(0...hour) } ?? 0
        let pauseAfterConnect = section.field("pause_after_connect").map { $0.duration(0...hour) } ?? 0
        let reconnect = section.field("reconnect").map { $0.duration(500...hour) } ?? 60_000
        let maxConnections = section.field("max_connections").map { $0.integer(1...1000) } ?? 1
        guard let transport, let timeout, let pause, let pauseAfterConnect, let reconnect, maxConnections != nil else {
            return nil
        }
        return LinkDefinition(
            name: name, transport: transport, timeout: timeout, pause: pause, reconnect: reconnect,
            pauseAfterConnect: pauseAfterConnect)
    }

    private func readTransport(_ section: Section) -> LinkTransport? {
        let serialKeys = ["device", "baud", "parity", "stop_bits"]
        guard let word = section.required("transport")?.word(TransportWord.self) else {
            // Which keys belong is not known; none of them is worth a commandError of its own.
            for key in serialKeys + ["host", "port"] { _ = section.has(key) }
            return nil
        }
        if word == .rtu {
            let line = readLine(section)
            section.refuse(["host", "port"], "belongs to tcp and rtu_over_tcp; an rtu link has a 'device'")
            return line.map { .rtu($0) }
        }
        let host = section.required("host").flatMap(readHost)
        let port = section.field("port").map { $0.integer(1...65_535) } ?? 502
        section.refuse(serialKeys, "belongs to rtu; a \(word.rawValue) link has 'host' and 'port'")
        guard let host, let port else { return nil }
        return word == .tcp ? .tcp(host: host, port: UInt16(port)) : .rtuOverTCP(host: host, port: UInt16(port))
    }

    private func readHost(_ field: Field) -> String? {
        guard var host = field.name("a host name or address") else { return nil }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        let isAddress6 = host.count { $0 == ":" } >= 2
        guard !host.contains(where: { $0.isWhitespace || $0 == "/" }), isAddress6 || !host.contains(":") else {
            field.error("'host' is a host name or address without a port, not '\(host.prefix(60))'")
            return nil
        }
        return host
    }

    private func readLine(_ section: Section) -> SerialLine? {
        let device = section.required("device")?.path("the path of a serial device")
        var baud: Int? = 19_200
        if let field = section.field("baud") {
            baud = field.integer(1...4_000_000).flatMap { rate in
                if PlantReader.bauds.contains(Int(rate)) { return Int(rate) }
                let nearest = PlantReader.bauds.min { abs($0 - Int(rate)) < abs($1 - Int(rate)) } ?? 19_200
                field.error("'baud' takes a rate that serial lines have, not \(rate) (did you mean '\(nearest)'?)")
                return nil
            }
        }
        let parity = section.field("parity").map { $0.word(SerialLine.Parity.self) } ?? .even
        let stopBits = section.field("stop_bits").map { $0.integer(1...2) } ?? 1
        guard let device, let baud, let parity, let stopBits else { return nil }
        return SerialLine(device: device, baud: baud, parity: parity, stopBits: Int(stopBits))
    }

    /// Two links to one serial device take each other's bytes, and links beyond what a host takes each other's connection.
    ///
    /// That one is taken at once is assumed where nothing is said.
    private func checkSharing(_ neighbours: [String: [Neighbour]]) {
        for (first, others) in neighbours.values.map({ ($0[0], $0.dropFirst()) }) where !others.isEmpty {
            if case .rtu? = links.first(where: { $0.name == first.name })?.transport {
                for other in others {
                    log.error(
                        other.mark,
                        "link '\(other.name)' has the serial device of '\(first.name)': one line is one link")
                }
                continue
            }
            let stated = ([first] + others).compactMap { $0.limit?.node.scalar?.integer }.min()
            let limit = stated ?? 1
            guard others.count >= limit else { continue }
            let excess = others[others.startIndex + Int(limit) - 1]
            let more = others.count - Int(limit)
            let message =
                "link '\(excess.name)' goes to the host and port of '\(first.name)', which takes "
                + (limit == 1 ? "one connection" : "\(limit) connections") + " at once"
                + (more == 0 ? "" : more == 1 ? ", and so does one more" : ", and so do \(more) more")
            log.warning(excess.mark, message + (stated == nil ? ": say 'max_connections' where it takes more" : ""))
        }
    }
}

/// A link among those to the same place.
private struct Neighbour {
    var name: String
    var mark: SourceMark
    /// What is said of the connections that the host takes.
    var limit: Field?
}

extension LinkDefinition {
    /// Where it leads: the same text for two links to one host and port, or one device.
    fileprivate var place: String {
        switch transport {
        case .tcp(let host, let port), .rtuOverTCP(let host, let port): "\(host.lowercased()) \(port)"
        case .rtu(let line): line.device
        }
    }
}
