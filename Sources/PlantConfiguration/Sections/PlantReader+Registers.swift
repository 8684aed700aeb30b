import ConfigurationSource
import Metering

extension PlantReader {
    /// Where a point stands in its device; nil where it is only replayed, or faulty.
    func readRegister(_ section: Section, _ frame: PointFrame) -> RegisterMap? {
        guard let field = frame.isPolled ? section.required("register") : section.field("register") else {
            let others = ["type", "order", "registers", "bits", "scale", "offset", "scale_register", "sentinel"]
            for key in others { _ = section.has(key) }
            return nil
        }
        let place = field.register()
        let type = readType(section, place?.table)
        let order = section.field("order").map { $0.word(RegisterOrder.self) } ?? .abcd
        let count = readCount(section, type)
        let scales = section.field("scale").map { readScales($0) } ?? (1, [])
        let offset = section.field("offset").map { $0.number() } ?? 0
        let scaleRegister = section.field("scale_register").flatMap { readScaleRegister($0, place?.table) }
        let bits = section.field("bits").flatMap { readBits($0, type, count) }
        if place?.table.isBits == true {
            section.refuse(["bits", "order", "scale_register"], "means nothing to a single bit")
        }
        let sentinels = section.field("sentinel").map { field in
            field.oneOrMore().compactMap { $0.pattern(of: type, count: count ?? 1) }
        }
        guard let place, let type, let order, let count, let scales, let offset else { return nil }
        if Int(place.address) + count > 65_536 {
            field.error("\(count) registers from address \(place.address) go past the last one, 65535")
        }
        if !place.table.isBits, count > frame.maxRegisters {
            field.error("the value takes \(count) registers, and 'max_registers' is \(frame.maxRegisters)")
        }
        var map = RegisterMap(
            table: place.table, address: place.address, type: type, order: order, count: count, bits: bits,
            scale: scales.first, offset: offset, scaleRegister: scaleRegister, sentinels: sentinels ?? [])
        map.laterScales = scales.later
        return map
    }

    private func readScales(_ field: Field) -> (first: Double, later: [DatedScale])? {
        var first: Double?
        var later: [DatedScale] = []
        for version in dated(field, as: "scale") {
            guard let scale = readScale(version.field) else { continue }
            if let from = version.from {
                later.append(DatedScale(from: from, scale: scale))
            } else {
                first = scale
            }
        }
        return first.map { ($0, later) }
    }

    private func readType(_ section: Section, _ table: RegisterTable?) -> RegisterType? {
        if table?.isBits == true {
            guard let field = section.field("type") else { return .bool }
            guard let type = field.word(RegisterType.self) else { return nil }
            if type == .bool { return type }
            field.error(
                "a \(table == .coil ? "coil" : "discrete input") is a single bit: its type is bool, not \(type.rawValue)"
            )
            return nil
        }
        guard table != nil else { return section.field("type")?.word(RegisterType.self) }
        return section.required("type")?.word(RegisterType.self)
    }

    private func readCount(_ section: Section, _ type: RegisterType?) -> Int? {
        let field = section.field("registers")
        guard let type else { return 1 }
        if let fixed = type.registers {
            field?.error("'registers' belongs to mod10k and string; a \(type.rawValue) takes \(fixed)")
            return fixed
        }
        guard let field = field ?? section.required("registers") else { return nil }
        return field.integer(type == .mod10k ? 1...4 : 1...125).map(Int.init)
    }

    private func readScale(_ field: Field) -> Double? {
        guard let scale = field.number() else { return nil }
        if scale != 0 { return scale }
        field.error("'scale' 0 makes every value 0")
        return nil
    }

    private func readScaleRegister(_ field: Field, _ table: RegisterTable?) -> UInt16? {
        if let address = field.node.scalar?.integer, (0...65_535).contains(address), !field.isClassicReference {
            return UInt16(address)
        }
        guard let place = field.register() else { return nil }
        if let table, place.table != table {
            field.error("'scale_register' is in the table of the value, \(table.rawValue), not \(place.table.rawValue)")
            return nil
        }
        return place.address
    }

    private func readBits(_ field: Field, _ type: RegisterType?, _ count: Int?) -> ClosedRange<Int>? {
        guard let text = field.node.scalar?.text, !field.node.isNull else {
            field.wrong("a bit such as 3, or bits such as 4..7")
            return nil
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = (parts.count == 3 && parts[1].isEmpty ? [parts[0], parts[2]] : parts).map { Int($0) }
        guard numbers.count <= 2, let low = numbers.first ?? nil, let high = numbers.last ?? nil, low >= 0, low <= high
        else {
            field.error("'bits' takes a bit such as 3, or bits such as 4..7, not '\(text.prefix(60))'")
            return nil
        }
        guard let type else { return low...high }
        guard type.isBinary || (type == .bool && low == high) else {
            field.error("'bits' belongs to whole numbers, and the type is \(type.rawValue)")
            return nil
        }
        let width = 16 * (count ?? 1)
        guard high < width else {
            field.error("a \(type.rawValue) has the bits 0 to \(width - 1), not \(high)")
            return nil
        }
        return low...high
    }
}
