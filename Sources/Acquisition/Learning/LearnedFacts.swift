import Metering

/// What polling found out about a device that no configuration says: kept over restarts, and tried anew after a day.
package struct LearnedFacts: Sendable, Hashable, Codable {
    /// A stretch of one table.
    package struct Cells: Sendable, Hashable, Codable {
        /// The function code that reads the table.
        package var function: UInt8
        /// The first cell.
        package var start: Int
        /// The first cell after it; the same as `start` for a seam that no request may span.
        package var end: Int
        /// The exception that the device answers, or the ``Modbus/ModbusFailure/code`` of what comes in place of an answer; nil
        /// for cells between wanted ones.
        package var exception: UInt8?

        /// Cells of a table.
        package init(function: UInt8, start: Int, end: Int, exception: UInt8? = nil) {
            self.function = function
            self.start = start
            self.end = end
            self.exception = exception
        }
    }

    /// Which device it was: another one behind the same name starts afresh.
    package var device: String
    /// When the device was last tried as if nothing were known, in milliseconds since 1970.
    package var since: Int64
    /// Wanted cells that it refuses.
    package var refused: [Cells] = []
    /// Unwanted cells and seams that no request may span.
    package var forbidden: [Cells] = []
    /// The most registers it gives at once; nil: no limit of its own was met.
    package var maxRegisters: Int?
    /// The exception with which it refused everything, once that was announced.
    package var refusesAll: UInt8?

    /// Microseconds that it takes to answer, where another plan follows from that; measured with every answer, so that it
    /// needs no trial.
    package var turnaround: Int64?

    /// Where its SunSpec model begins.
    package var model: Model?

    /// The place of the first of some models.
    package struct Model: Sendable, Hashable, Codable {
        /// The models that were looked for.
        package var numbers: [Int]
        /// The register with the number of the one that was found.
        package var address: Int
    }

    /// Nothing known of a device yet.
    package init(device: String, since: Int64) {
        self.device = device
        self.since = since
    }

    /// What tells one device from another: where its link leads, and its unit.
    package static func device(_ meter: MeterDefinition, on link: LinkDefinition) -> String {
        let place =
            switch link.transport {
            case .tcp(let host, let port): "tcp \(host):\(port)"
            case .rtuOverTCP(let host, let port): "rtu_over_tcp \(host):\(port)"
            case .rtu(let line): "rtu \(line.device)"
            }
        return "\(place) unit \(meter.unit)"
    }

    /// Whether nothing is known.
    package var isEmpty: Bool { refusesNothing && turnaround == nil }
    /// Whether nothing is known that is tried anew after a day.
    var refusesNothing: Bool {
        refused.isEmpty && forbidden.isEmpty && maxRegisters == nil && refusesAll == nil && model == nil
    }
}
