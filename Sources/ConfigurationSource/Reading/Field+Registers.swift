import Metering

extension Field {
    /// Whether the value is written as a classic reference such as 40001: five or six digits, the first one the table's.
    package var isClassicReference: Bool { node.scalar.flatMap { Field.classic($0.text) } != nil }

    /// `holding 1000`, `input 0x34`, or a classic reference such as `40001`.
    package func register() -> (table: RegisterTable, address: UInt16)? {
        guard let scalar = node.scalar, !scalar.isNull else {
            wrong("a register such as holding 1000 or 40001")
            return nil
        }
        let words = scalar.text.split(separator: " ")
        if words.count == 2 {
            guard let table = RegisterTable(rawValue: String(words[0])) else {
                log.error(
                    mark, "\(label) takes holding, input, coil or discrete, not '\(words[0].prefix(60))'",
                    near: String(words[0]),
                    among: RegisterTable.allCases.map(\.rawValue))
                return nil
            }
            guard let address = Field.address(words[1]) else {
                let hint = Field.addressMeant(words[1], in: table).map { " (did you mean '\(key): \($0)'?)" } ?? ""
                error("\(label) takes an address from 0 to 65535 (0xFFFF), not '\(words[1].prefix(60))'\(hint)")
                return nil
            }
            if let classic = Field.classic(String(words[1])), classic.table == table {
                warning(
                    "\(words[0]) \(words[1]) is the zero-based protocol address \(address) (did you mean the classic "
                        + "reference \(words[1]), which is \(table.rawValue) \(classic.address)? then write "
                        + "'\(key): \(words[1])'; an address in hexadecimal, 0x\(String(address, radix: 16, uppercase: true)), is not asked about)"
                )
            }
            return (table, address)
        }
        if let classic = Field.classic(scalar.text) { return classic }
        let meant =
            Field.address(scalar.text[...]).map { "holding \($0)" }
            ?? CommonSlip.hexadecimal(scalar.text).map { "holding \($0)" }
        let hint = meant.map { " (did you mean '\($0)'?)" } ?? ""
        error(
            "\(label) takes a table and an address such as holding 1000, or a reference such as 40001, not '\(scalar.excerpt)'\(hint)"
        )
        return nil
    }

    /// A raw value of a type, as its bit pattern: hexadecimal as it stands on the wire, decimal as the type's number.
    package func pattern(of type: RegisterType?, count: Int) -> UInt64? {
        guard let type else { return nil }
        guard let scalar = node.scalar, scalar.isPlain,
            let number = scalar.number ?? UInt64(scalar.text).map(Double.init)
        else {
            let hint = node.scalar.flatMap { CommonSlip.hexadecimal($0.text) }
            wrong("a raw value such as 0xFFFF or -32768", hint: hint)
            return nil
        }
        let width = type == .bool ? 1 : min(16 * count, 64)
        let isHexadecimal = scalar.text.hasPrefix("0x")
        switch type {
        case .string:
            error("text has no raw value that means 'not available'")
            return nil
        case .float32 where !isHexadecimal: return UInt64(Float(number).bitPattern)
        case .float64 where !isHexadecimal: return number.bitPattern
        case .bcd16, .bcd32:
            if isHexadecimal { break }
            guard number >= 0, let pattern = UInt64(scalar.text, radix: 16), pattern >> UInt64(width) == 0 else {
                return misfit(type)
            }
            return pattern
        case .int32Ten where !isHexadecimal, .uint32Ten where !isHexadecimal:
            let map = RegisterMap(table: .holding, address: 0, type: type)
            let words = map.encode(number).words
            return map.decode(words.span).value == number ? map.pattern(words.span) : misfit(type)
        case .exp8int24 where !isHexadecimal, .exp8uint24 where !isHexadecimal:
            error("the raw value of an \(type.rawValue) is written as it stands on the wire, such as 0x80FFFFFF")
            return nil
        case .mod10k where !isHexadecimal: return groups(of: scalar.text, count: count)
        default: break
        }
        if let pattern = isHexadecimal ? UInt64(scalar.text.dropFirst(2), radix: 16) : UInt64(scalar.text) {
            return width == 64 || pattern >> UInt64(width) == 0 ? pattern : misfit(type)
        }
        guard let negative = scalar.integer, [.int16, .int32, .int48, .int64].contains(type) else {
            return misfit(type)
        }
        guard width == 64 || negative >= -(Int64(1) << Int64(width - 1)) else { return misfit(type) }
        return UInt64(bitPattern: negative) & (width == 64 ? .max : (1 << UInt64(width)) - 1)
    }

    /// Four decimal digits a register, the most significant first.
    private func groups(of text: String, count: Int) -> UInt64? {
        guard var rest = UInt64(text) else { return misfit(.mod10k) }
        var pattern: UInt64 = 0
        for index in 0..<UInt64(count) {
            pattern |= (rest % 10_000) << (16 * index)
            rest /= 10_000
        }
        return rest == 0 ? pattern : misfit(.mod10k)
    }

    private func misfit(_ type: RegisterType) -> UInt64? {
        error("\(node.summary) is no raw value of the type \(type.rawValue)")
        return nil
    }

    /// What was probably meant by an address that is none: hexadecimal digits without 0x, or a classic reference.
    private static func addressMeant(_ text: Substring, in table: RegisterTable) -> String? {
        if let classic = classic(String(text)), classic.table == table { return String(text) }
        return CommonSlip.hexadecimal(text).map { "\(table.rawValue) \($0)" }
    }

    static func address(_ text: Substring) -> UInt16? {
        let digits = text.hasPrefix("0x") || text.hasPrefix("0X") ? text.dropFirst(2) : text
        guard digits.utf8.first != UInt8(ascii: "+") else { return nil }
        return UInt16(digits, radix: digits.count == text.count ? 10 : 16)
    }

    static func classic(_ text: String) -> (table: RegisterTable, address: UInt16)? {
        let table: RegisterTable
        switch text.first {
        case "0": table = .coil
        case "1": table = .discrete
        case "3": table = .input
        case "4": table = .holding
        default: return nil
        }
        guard text.utf8.count == 5 || text.utf8.count == 6, text.utf8.allSatisfy({ (48...57).contains($0) }),
            let number = Int(text.dropFirst()), (1...65_536).contains(number)
        else { return nil }
        return (table, UInt16(number - 1))
    }
}
