import Acquisition
import Listings
import Metering
import Modbus
import PlantConfiguration

/// One point read once from its device: what was asked, what came, what it means, and what else would make sense.
package struct PointTrial {
    private let meter: MeterDefinition
    private let point: MeasuredPoint
    private let isSerial: Bool
    private let request: ReadRequest
    private let words: [UInt16]
    /// Why no answer came; nil where one did.
    package let failure: ModbusFailure?
    /// Why there is no connection, in words.
    private let cause: String?
    private let decoded: DecodedValue?

    /// Asks the device for a point; it only reads.
    package init(_ point: MeasuredPoint, of meter: MeterDefinition, over line: any DeviceLine) {
        (self.point, self.meter, isSerial) = (point, meter, line.isSerial)
        let map = point.map
        request = ReadRequest(
            unit: meter.unit, function: map.table.readFunction, address: map.address, count: map.count)
        var came: [UInt16] = []
        var exponent: UInt16?
        var reason: ModbusFailure?
        do throws(ModbusFailure) {
            came = try line.read(request)
            if let scale = map.scaleRegister {
                exponent = try line.read(
                    ReadRequest(unit: meter.unit, function: map.table.readFunction, address: scale, count: 1)
                ).first
            }
        } catch {
            came = []
            reason = error
        }
        words = came
        failure = reason
        cause = reason == nil ? nil : line.cause
        decoded = reason == nil && came.count == map.count ? map.decode(came.span, exponent: exponent) : nil
    }

    /// The point's whole name, `meter.point`.
    package var name: String { "\(meter.name).\(point.name)" }

    /// Whether a value came that the configuration would take.
    package var isSound: Bool { fault == nil }

    /// The value with its unit, or why there is none.
    package var finding: String {
        if let fault { return fault }
        guard let decoded else { return "no value" }
        return ListingText.rounded(decoded.value) + (point.unit.map { " \($0)" } ?? "")
    }

    private var fault: String? {
        if let failure { return cause ?? failure.description }
        guard let decoded else { return "an answer of another length" }
        guard decoded.reason == .none else { return "bad: \(decoded.reason.text)" }
        if let range = point.range, !range.contains(decoded.value) {
            return "bad: out-of-range, \(ListingText.rounded(decoded.value)) is not from "
                + "\(ListingText.rounded(range.lowerBound)) to \(ListingText.rounded(range.upperBound))"
        }
        return nil
    }

    /// What to look at, one sentence; nil where all is well and the value is a usual one.
    package var advice: String? {
        switch failure {
        case .timeout:
            return isSerial
                ? "check wiring and polarity (A and B), rate, parity, and that unit \(meter.unit) is set on the device"
                : "the gateway answers nothing for unit \(meter.unit): check the unit, and the line behind the gateway"
        case .crc, .frame, .length:
            return
                "something answers, but spoiled: check rate, parity and termination, and that no two devices have unit \(meter.unit)"
        case .exception(1):
            return "the device does not have this table: try 'register: \(otherTable) \(point.map.address)'"
        case .exception(2):
            let address = point.map.address
            let below = address > 0 ? "manuals often count from 1, so try \(address - 1), or" : "try"
            return "the device has no such register: \(below) the other table ('\(otherTable)')"
        case .exception(10), .exception(11):
            return "the gateway does not reach unit \(meter.unit): check the line behind it"
        case .exception: return "the device refuses it for now: see its manual for the code"
        case .reset, .refused, .linkDown: return "check host, port and cable of link \(meter.link)"
        case nil: return alternative
        }
    }

    private var otherTable: String { point.map.table == .input ? "holding" : "input" }

    /// Another order or type that makes a likelier number of the same registers; nil where the configured one is as likely.
    private var alternative: String? {
        guard !point.map.table.isBits, point.map.bits == nil, words.count == point.map.count else { return nil }
        let block = BlockReading(
            function: point.map.table.readFunction, address: Int(point.map.address), cells: words.map { $0 })
        let all = Decoding.all(of: block).filter { $0.address == Int(point.map.address) }
        let own = all.first { $0.type == point.map.type && $0.order == point.map.order }?.plausibility ?? 0
        // Only words of the same length: a part of a number is always likely.
        let others = all.filter { $0.count == words.count && $0.plausibility > own + 0.3 && $0.plausibility > 0.6 }
        guard let better = others.first, let value = better.value else {
            return isSound
                ? nil
                : "what stands there in every way: emsctl probe \(meter.link) --unit \(meter.unit) --register "
                    + "\"\(point.map.table.rawValue) \(point.map.address)\" --count \(point.map.count)"
        }
        return "as 'type: \(better.type.rawValue), order: \(better.order.rawValue)' it would be "
            + ListingText.rounded(value * point.map.scale + point.map.offset) + ", which is likelier"
    }

    // MARK: The frames

    /// The request and the answer, byte by byte with their meaning, then how the value is made of them.
    ///
    /// The frames are those of the protocol for what was asked and answered; over TCP the number of the transaction, which only
    /// pairs the two, is shown as 0.
    package var trace: [String] {
        let map = point.map
        let question =
            [request.unit, request.function.rawValue] + bytes(request.address) + bytes(UInt16(request.count))
        var lines = [
            "\(name): unit \(meter.unit) on link \(meter.link)",
            "> \(hex(frame(question)))",
            "  unit \(meter.unit), function \(request.function.rawValue) (read \(map.table.rawValue) registers), address "
                + "\(map.address), \(request.count) of them" + (isSerial ? ", checksum" : ", behind the TCP header"),
        ]
        switch failure {
        case nil:
            let data = map.table.isBits ? [UInt8(words.first ?? 0)] : words.flatMap(bytes)
            lines.append("< \(hex(frame([request.unit, request.function.rawValue, UInt8(data.count)] + data)))")
            lines.append(
                "  unit, function, \(data.count) bytes: "
                    + words.map { hex(bytes($0)).split(separator: " ").joined() }.joined(separator: " "))
        case .exception(let code):
            lines.append("< \(hex(frame([request.unit, request.function.rawValue | 0x80, code])))")
            lines.append("  exception \(code): \(ModbusFailure.word(ofException: code))")
        case let failure?: lines.append("< \(cause ?? failure.description)")
        }
        if let decoded, decoded.reason == .none {
            let scale = map.scale == 1 ? "" : " × \(ListingText.rounded(map.scale))"
            let offset = map.offset == 0 ? "" : " + \(ListingText.rounded(map.offset))"
            lines.append("= \(map.type.rawValue) \(map.order.rawValue)\(scale)\(offset): \(finding)")
        } else {
            lines.append("= \(finding)")
        }
        if let advice { lines.append("  \(advice)") }
        return lines
    }

    private func frame(_ content: [UInt8]) -> [UInt8] {
        guard isSerial else { return [0, 0, 0, 0] + bytes(UInt16(content.count)) + content }
        let sum = FrameChecksum.of(content)
        return content + [UInt8(sum & 0xFF), UInt8(sum >> 8)]
    }

    private func bytes(_ word: UInt16) -> [UInt8] { [UInt8(word >> 8), UInt8(word & 0xFF)] }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { CollectionOfOne($0).hexadecimal.uppercased() }.joined(separator: " ")
    }
}
