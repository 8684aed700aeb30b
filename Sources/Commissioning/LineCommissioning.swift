import Acquisition
import ConfigurationSource
import Foundation
import Listings
import Metering
import Modbus
import PlantAPI
import PlantConfiguration

/// What whoever sets up a plant asks of a line: which units are there, and what stands in their registers. It only reads.
///
/// ```
/// let line = try LineCommissioning(direct: "10.20.0.15:502", .init(), warn: StandardStreams.complain)
/// if let unit = try line.look(at: 7) { print(unit.fields) }
/// try line.probe(ProbeRequest(unit: 7, register: "input 1000", count: 10), format: .table, sink: sink)
/// ```
package struct LineCommissioning {
    private static let decodingColumns = [
        ListingColumn("address", .number), ListingColumn("registers", .number), ListingColumn("type"),
        ListingColumn("order"),
        ListingColumn("value", .number), ListingColumn("text"), ListingColumn("plausibility", .number),
        ListingColumn("line"),
    ]

    let line: any DeviceLine
    private let link: String
    private let calendar: SiteCalendar

    /// Questions over that line of a link.
    package init(_ line: any DeviceLine, link: String, calendar: SiteCalendar) {
        self.line = line
        self.link = link
        self.calendar = calendar
    }

    /// Writes the units of a link that answer, and what they are.
    ///
    /// Throws a ``CommandError`` (74) where the line cannot be asked at all.
    package func scan(
        _ request: ScanRequest, format: ListingFormat, sink: @escaping ([UInt8]) throws -> Void
    ) throws {
        let units = try request.units()
        var printer = ListingPrinter(
            columns: ScannedUnit.columns, format: format, calendar: calendar, sink: sink)
        for unit in units {
            if let found = try look(at: unit) { try printer.row(found.fields) }
        }
        try printer.end(nothing: request.nothing(on: link))
    }

    /// Asks one unit; nil where it does not answer. Throws as ``scan(_:format:sink:)``.
    package func look(at unit: UInt8) throws -> ScannedUnit? {
        try asking({ line throws(ModbusFailure) in try FoundUnit.look(at: unit, over: line) }).map(ScannedUnit.init)
    }

    /// Writes what the registers of a block say in every type and order, the likeliest first, with the line for the
    /// configuration.
    ///
    /// Throws a ``CommandError``: 64 for a block that cannot be, 74 where there is no answer.
    package func probe(
        _ request: ProbeRequest, format: ListingFormat, sink: @escaping ([UInt8]) throws -> Void
    ) throws {
        guard let place = RegisterReference.parse(request.register) else {
            throw CommandError(
                .usage,
                "a register is a table and an address such as 'input 1000', or a reference such as 30001, not "
                    + "'\(request.register.prefix(60))'")
        }
        let most = min(place.table.isBits ? 2000 : 1000, 65_536 - Int(place.address))
        guard (0...255).contains(request.unit), (1...most).contains(request.count) else {
            throw CommandError(.usage, "a block has 1 to \(most) registers there, of a unit from 1 to 247")
        }
        let block = try asking { line throws(ModbusFailure) in
            try BlockReading.read(
                UInt8(request.unit), place.table.readFunction, Int(place.address), request.count, over: line)
        }
        var printer = ListingPrinter(
            columns: LineCommissioning.decodingColumns, format: format, calendar: calendar, sink: sink)
        var shown: [Int: Int] = [:]
        for decoding in Decoding.all(of: block) {
            shown[decoding.address, default: 0] += 1
            guard request.all || shown[decoding.address] ?? 0 <= 3 else { continue }
            try printer.row([
                .count(decoding.address), .count(decoding.count), .text(decoding.type.rawValue),
                .optional(decoding.hasOrder ? decoding.order.rawValue : nil), .optional(decoding.value),
                .optional(decoding.text), .number((decoding.plausibility * 100).rounded() / 100),
                .text(decoding.line(in: place.table)),
            ])
        }
        try printer.end(nothing: "nothing that could be read")
    }

    private func asking<T>(_ question: (any DeviceLine) throws(ModbusFailure) -> T) throws -> T {
        do throws(ModbusFailure) {
            return try question(line)
        } catch {
            throw CommandError(
                .inputOutput,
                line.cause.map { "link \(link) is down: \($0)" }
                    ?? "link \(link) gave no answer (\(error)): check its address or device, wiring, rate, parity and unit"
            )
        }
    }
}

extension Decoding {
    fileprivate var hasOrder: Bool { type != .string && type != .bool && (count > 1 || order != .abcd) }

    /// What to paste under `points:`.
    fileprivate func line(in table: RegisterTable) -> String {
        var keys = ["register: \(table.rawValue) \(address)"]
        if !table.isBits { keys.append("type: \(type.rawValue)") }
        if type == .string || type == .mod10k { keys.append("registers: \(count)") }
        if hasOrder, order != .abcd { keys.append("order: \(order.rawValue)") }
        keys.append("kind: \(table.isBits ? "state" : "gauge")")
        return "\(table.rawValue)_\(address): {\(keys.joined(separator: ", "))}"
    }
}
