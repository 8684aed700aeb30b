extension RegisterMap {
    /// Whether ``bits`` are a number with a sign (two's complement): those of a signed type are, but for a single one.
    var hasSignedBits: Bool {
        guard let bits, bits.count > 1 else { return false }
        return [.int16, .int32, .int48, .int64].contains(type)
    }

    /// The bit pattern of the value in its registers (or bits, one a word), as an unsigned number of the type's width.
    ///
    /// For `mod10k` and `string` it is the pattern of the first four words. This is what ``sentinels`` are compared with.
    package func pattern(_ words: Span<UInt16>) -> UInt64 {
        var pattern: UInt64 = 0
        let used = min(count, words.count, 4)
        for index in 0..<used {
            let word = words[order.lowWordFirst ? used - 1 - index : index]
            pattern = pattern << 16 | UInt64(order.swapsBytes ? word.byteSwapped : word)
        }
        return pattern
    }

    /// The characters of a `string`, up to the first zero byte, without blanks around.
    package func text(_ words: Span<UInt16>) -> String {
        var bytes: [UInt8] = []
        for index in 0..<min(count, words.count) {
            let word = words[order.lowWordFirst ? min(count, words.count) - 1 - index : index]
            let ordered = order.swapsBytes ? word.byteSwapped : word
            bytes.append(UInt8(ordered >> 8))
            bytes.append(UInt8(ordered & 0xFF))
        }
        let used = bytes.prefix { $0 != 0 }
        let trimmed = used.drop { $0 == 32 }.reversed().drop { $0 == 32 }.reversed()
        return String(decoding: trimmed, as: UTF8.self)
    }

    /// The value in the registers, ``count`` of them from ``address``.
    ///
    /// - Parameter exponent: What stands in ``scaleRegister``, where the map has one.
    /// - Returns: The value scaled, or the reason `sentinel` (also for a scale register of 0x8000), `not-finite` (also for digits
    ///   that are none), or `out-of-range` for a scale register beyond ±20.
    package func decode(_ words: Span<UInt16>, exponent: UInt16? = nil) -> DecodedValue {
        RegisterDecoder(self).decode(words, exponent: exponent)
    }
}
