/// How a link reaches its meters.
package enum LinkTransport: Sendable, Hashable {
    case tcp(host: String, port: UInt16)
    case rtuOverTCP(host: String, port: UInt16)
    case rtu(SerialLine)
}

/// The settings of a serial line.
package struct SerialLine: Sendable, Hashable {
    package enum Parity: String, Sendable, Hashable, CaseIterable {
        case none, even, odd
    }

    /// The path of the device, best one under `/dev/serial/by-id`.
    package var device: String
    /// Bits per second.
    package var baud: Int
    package var parity: Parity
    /// 1 or 2.
    package var stopBits: Int

    /// A serial line.
    package init(device: String, baud: Int, parity: Parity, stopBits: Int) {
        self.device = device
        self.baud = baud
        self.parity = parity
        self.stopBits = stopBits
    }
}

/// One connection or serial line with the meters on it.
package struct LinkDefinition: Sendable, Hashable {
    package var name: String
    package var transport: LinkTransport
    /// From the request's end to the answer's last byte, in milliseconds.
    package var timeout: Int64
    /// Extra silence between requests, in milliseconds.
    package var pause: Int64
    /// Longest wait between tries to connect, in milliseconds.
    package var reconnect: Int64
    /// Silence after connecting, in milliseconds, for gateways that need it.
    package var pauseAfterConnect: Int64

    /// A link.
    package init(
        name: String, transport: LinkTransport, timeout: Int64 = 1000, pause: Int64 = 0, reconnect: Int64 = 60_000,
        pauseAfterConnect: Int64 = 0
    ) {
        self.name = name
        self.transport = transport
        self.timeout = timeout
        self.pause = pause
        self.reconnect = reconnect
        self.pauseAfterConnect = pauseAfterConnect
    }
}

/// A point as it is read from its meter.
package struct MeasuredPoint: Sendable, Hashable {
    /// Which point of the plant.
    package var index: PointIndex
    /// The name within its meter.
    package var name: String
    package var kind: PointKind
    package var unit: String?
    package var map: RegisterMap
    /// Milliseconds between polls; a multiple of the meter's.
    package var interval: Int64
    /// Values outside are bad: out-of-range.
    package var range: ClosedRange<Double>?
    /// A value that stands this many milliseconds is bad: frozen; nil: never.
    package var frozenAfter: Int64?

    /// A point read from registers.
    package init(
        index: PointIndex, name: String, kind: PointKind, unit: String? = nil, map: RegisterMap, interval: Int64,
        range: ClosedRange<Double>? = nil, frozenAfter: Int64? = nil
    ) {
        self.index = index
        self.name = name
        self.kind = kind
        self.unit = unit
        self.map = map
        self.interval = interval
        self.range = range
        self.frozenAfter = frozenAfter
    }
}

/// One meter on a link.
package struct MeterDefinition: Sendable, Hashable {
    package var name: String
    package var title: String?
    /// The name of its link.
    package var link: String
    /// The unit identifier, 0 to 255.
    package var unit: UInt8
    /// Milliseconds between polls.
    package var interval: Int64
    package var points: [MeasuredPoint]
    /// Registers one request may ask for, at most 125.
    package var maxRegisters: Int
    /// Whether registers between two wanted ones may be read along.
    package var bridgeHoles: Bool
    /// The SunSpec models of which it is one: the addresses of its points count from the register with the model's number,
    /// wherever that stands in the device. Empty for a device whose addresses are known.
    package var models: [Int]
    /// Where it does not hold, every other point of the meter is bad: status. Leaves are points of this meter.
    package var validWhen: Condition<PointIndex>?
    /// Points that are parts of one index, each from the coarsest to the finest: what is read of them belongs together.
    package var indexParts: [[PointIndex]] = []
    /// The profile that its points come from; nil: its own list.
    package var profile: String?
    /// Who supplied it; meters of one supplier may share a fault.
    package var supplier: String?
    /// The part of the site that it belongs to: what is kept with a nonconformity is that of its area.
    package var area: String?

    /// A meter.
    package init(
        name: String, title: String? = nil, link: String, unit: UInt8, interval: Int64, points: [MeasuredPoint],
        maxRegisters: Int = 125, bridgeHoles: Bool = true, models: [Int] = [], validWhen: Condition<PointIndex>? = nil
    ) {
        self.name = name
        self.title = title
        self.link = link
        self.unit = unit
        self.interval = interval
        self.points = points
        self.maxRegisters = maxRegisters
        self.bridgeHoles = bridgeHoles
        self.models = models
        self.validWhen = validWhen
    }
}
