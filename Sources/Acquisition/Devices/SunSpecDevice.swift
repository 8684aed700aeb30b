import Modbus

/// A device that describes itself by a chain of SunSpec models.
package struct SunSpecDevice: Sendable, Hashable {
    /// One model of the chain.
    package struct Model: Sendable, Hashable {
        /// The model's number.
        package var id: Int
        /// Where its number stands.
        package var address: Int
        /// Registers after its number and length.
        package var length: Int

        /// What the model is about; nil for models that no meter needs.
        package var title: String? {
            switch id {
            case 1: "common"
            case 101...103, 111...113: "inverter"
            case 160: "inverter strings"
            case 201...204, 211...214: "meter"
            case 802...805: "battery"
            default: nil
            }
        }
    }

    /// Where the chain begins, at the two registers that say `SunS`.
    package var base: Int
    /// In their order.
    package var models: [Model] = []
    /// As the common model says.
    package var manufacturer: String?
    /// As the common model says.
    package var model: String?
    /// As the common model says.
    package var serial: String?

    /// Where chains may begin, the usual place first.
    private static let bases = [40_000, 50_000, 0]
    private static let marker: [UInt16] = [0x5375, 0x6E53]

    /// Walks the chain of a unit; nil where it has none.
    ///
    /// Every address comes from the chain itself, so that nothing else is read.
    package static func find(_ unit: UInt8, over line: some DeviceLine) throws(ModbusFailure) -> SunSpecDevice? {
        try find(unit, over: line, toTheEnd: false)
    }

    /// - Parameter toTheEnd: Whether a chain is none of which a part gave no answer.
    private static func find(
        _ unit: UInt8, over line: some DeviceLine, toTheEnd: Bool
    ) throws(ModbusFailure) -> SunSpecDevice? {
        for base in bases {
            // A device that keeps silent where its chain must begin is asked again; one that refuses may begin elsewhere.
            guard try registers(unit, base, 2, line, mayBeSilent: !toTheEnd) == marker else { continue }
            var device = SunSpecDevice(base: base)
            try device.walk(unit, line, toTheEnd: toTheEnd)
            return device
        }
        return nil
    }

    private mutating func walk(
        _ unit: UInt8, _ line: some DeviceLine, toTheEnd: Bool
    ) throws(ModbusFailure) {
        var address = base + 2
        for _ in 0..<64 {
            guard address < 65_534,
                let head = try SunSpecDevice.registers(unit, address, 2, line, mayBeSilent: !toTheEnd),
                head[0] != 0xFFFF
            else { return }
            let model = Model(id: Int(head[0]), address: address, length: Int(head[1]))
            models.append(model)
            if model.id == 1, model.length >= 64,
                let common = try SunSpecDevice.registers(unit, address + 2, 64, line)
            {
                manufacturer = SunSpecDevice.text(common[0..<16])
                self.model = SunSpecDevice.text(common[16..<32])
                serial = SunSpecDevice.text(common[48..<64])
            }
            address += 2 + model.length
        }
    }

    /// Where the first of some models begins; nil where the device has none of them.
    ///
    /// - Throws: Why it gives no answer, as far as that says nothing of what it has.
    static func place(
        of models: [Int], in unit: UInt8, over line: some DeviceLine
    ) throws(ModbusFailure) -> Int? {
        let found = try find(unit, over: line, toTheEnd: true)
        guard let model = found?.models.first(where: { models.contains($0.id) }) else { return nil }
        // Once more in another length: on a serial line the answers about the chain all look alike.
        let head = try registers(unit, model.address, 3, line, mayBeSilent: false)
        return head.map { Array($0[..<2]) } == [UInt16(model.id), UInt16(model.length)] ? model.address : nil
    }

    /// Nil where the device refuses them or keeps silent.
    private static func registers(
        _ unit: UInt8, _ address: Int, _ count: Int, _ line: some DeviceLine, mayBeSilent: Bool = true
    ) throws(ModbusFailure) -> [UInt16]? {
        do throws(ModbusFailure) {
            return try line.read(
                ReadRequest(unit: unit, function: .holdingRegisters, address: UInt16(address), count: count))
        } catch {
            switch error {
            case .linkDown, .refused, .reset: throw error
            case .exception(1...3): return nil
            default:
                if mayBeSilent { return nil }
                throw error
            }
        }
    }

    private static func text(_ words: ArraySlice<UInt16>) -> String? {
        let bytes = words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }.prefix { $0 != 0 }
        let text = String(decoding: bytes.map { (0x20...0x7E).contains($0) ? $0 : 0x20 }, as: UTF8.self)
        let trimmed = text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
        return trimmed.isEmpty ? nil : String(trimmed)
    }
}
