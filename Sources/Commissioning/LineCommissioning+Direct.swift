import Acquisition
import ConfigurationSource
import Foundation
import Metering
import Modbus
import PlantAPI
import PlantConfiguration
import Platform

extension LineCommissioning {
    /// How a line is opened where no daemon has it: what is given here comes before what the configuration says.
    package struct LineSettings: Sendable, Hashable {
        /// A configuration with the link; nil: the link is a device or an address itself.
        package var configuration: String?
        /// Bits per second.
        package var baud: Int?
        /// `none`, `even` or `odd`.
        package var parity: String?
        /// 1 or 2.
        package var stopBits: Int?
        /// Milliseconds.
        package var timeout: Int64?

        /// As the configuration says.
        package init(
            configuration: String? = nil, baud: Int? = nil, parity: String? = nil, stopBits: Int? = nil,
            timeout: Int64? = nil
        ) {
            self.configuration = configuration
            self.baud = baud
            self.parity = parity
            self.stopBits = stopBits
            self.timeout = timeout
        }
    }

    /// Whether the text names a device or an address, and no link of a configuration.
    package static func isAddress(_ link: String) -> Bool { link.hasPrefix("/") || link.contains(":") }

    /// Opens the line itself: a link of a configuration, a serial device (`/dev/…`) or an address (`HOST:PORT`).
    ///
    /// Throws a ``CommandError``: 65 where there is no such link, 64 for settings that no line has, 73 where a daemon or another
    /// program has the line; a ``ConfigurationRefusal`` for a broken configuration.
    package init(direct name: String, _ settings: LineSettings, warn: (String) -> Void) throws {
        var calendar = SiteCalendar(identifier: "UTC")
        var link: LinkDefinition
        if let file = settings.configuration {
            let plant = try ConfigurationCheck.load(file, warn: warn)
            guard let known = plant.links.first(where: { $0.name == name }) else {
                let hint = NearestName.hint(for: name, among: plant.links.map(\.name))
                throw CommandError(.badInput, "there is no link '\(name)' in \(file)" + hint)
            }
            if UnixSocket.refusal(at: plant.api.socket) == nil {
                throw CommandError(
                    .cannotCreate,
                    "a daemon runs on \(file) and has the link: leave --config away, and it asks between its polls")
            }
            calendar = plant.plan.calendar
            link = known
        } else {
            link = LinkDefinition(name: name, transport: try LineCommissioning.transport(name), timeout: 300)
        }
        if let timeout = settings.timeout { link.timeout = timeout }
        link.transport = try LineCommissioning.changed(link.transport, settings)
        if case .rtu(let line) = link.transport { try LineCommissioning.checkFree(line.device) }
        guard let calendar else {
            throw CommandError(.inputOutput, "this machine does not know the zone UTC: install the package tzdata")
        }
        self.init(DirectLine(link), link: name, calendar: calendar)
    }

    private static func transport(_ name: String) throws -> LinkTransport {
        if name.hasPrefix("/") { return .rtu(SerialLine(device: name, baud: 19_200, parity: .even, stopBits: 1)) }
        guard let colon = name.lastIndex(of: ":"), let port = UInt16(name[name.index(after: colon)...]), port > 0 else {
            throw CommandError(
                .usage, "'\(name)' is neither a device such as /dev/ttyUSB0 nor an address such as 10.0.0.7:502")
        }
        return .tcp(host: name[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]")), port: port)
    }

    private static func changed(_ transport: LinkTransport, _ settings: LineSettings) throws -> LinkTransport {
        guard case .rtu(var line) = transport else {
            guard settings.baud == nil, settings.parity == nil, settings.stopBits == nil else {
                throw CommandError(.usage, "rate, parity and stop bits belong to serial lines; this link is TCP")
            }
            return transport
        }
        if let baud = settings.baud {
            guard SerialSettings.bauds.contains(baud) else {
                throw CommandError(.usage, "no serial line has the rate \(baud): 9600, 19200 and 38400 are usual")
            }
            line.baud = baud
        }
        if let word = settings.parity {
            guard let parity = SerialLine.Parity(rawValue: word) else {
                throw CommandError(.usage, "the parity is none, even or odd, not '\(word)'")
            }
            line.parity = parity
        }
        if let bits = settings.stopBits {
            guard (1...2).contains(bits) else { throw CommandError(.usage, "a line has 1 or 2 stop bits, not \(bits)") }
            line.stopBits = bits
        }
        return .rtu(line)
    }

    /// Two programs on one line would take each other's answers.
    private static func checkFree(_ device: String) throws {
        let descriptor = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code = errno
            throw CommandError(
                .inputOutput, "\(device) cannot be opened (\(SystemFault.text(code))): check its path and your groups")
        }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw CommandError(.cannotCreate, "\(device) is in use by another program: is emsd running on it?")
        }
    }
}
