import Testing

@testable import Metering

@Suite("Decoding of registers")
struct RegisterDecodingTests {
    private func decode(
        _ words: [UInt16], _ type: RegisterType, _ order: RegisterOrder = .abcd, bits: ClosedRange<Int>? = nil,
        scale: Double = 1, offset: Double = 0, scaleRegister: UInt16? = nil, sentinels: [UInt64] = [],
        exponent: UInt16? = nil
    ) -> DecodedValue {
        let map = RegisterMap(
            table: .holding, address: 0, type: type, order: order, count: words.count, bits: bits, scale: scale,
            offset: offset, scaleRegister: scaleRegister, sentinels: sentinels)
        return map.decode(words.span, exponent: exponent)
    }

    @Test("V59: one pair of registers is three different numbers in three orders")
    func orders() {
        #expect(decode([0x42F6, 0xE979], .float32).value == Double(Float(123.456)))
        #expect(abs(decode([0x42F6, 0xE979], .float32, .cdab).value / -1.8834e25 - 1) < 1e-4)
        #expect(abs(decode([0x42F6, 0xE979], .float32, .badc).value / -9.861e32 - 1) < 1e-4)
        #expect(decode([0x79E9, 0xF642], .float32, .dcba).value == Double(Float(123.456)))
    }

    @Test(
        "V03: groups of four digits, low word first",
        arguments: [([9998, 0, 12, 0], 1_200_009_998), ([3, 1, 12, 0], 1_200_010_003)] as [([UInt16], Double)])
    func mod10k(words: [UInt16], expected: Double) {
        #expect(decode(words, .mod10k, .cdab).value == expected)
        #expect(decode(words.reversed(), .mod10k, .abcd).value == expected)
    }

    @Test(
        "values of three words, of words of ten thousand, and with a decade exponent",
        arguments: [
            ([7, 1234], .uint32Ten, 71_234), ([0xFFFD, 0xEE29], .int32Ten, -34_567), ([1, 0x270F], .int32Ten, 19_999),
            ([0xFEFF, 0xFF9C], .exp8int24, -1), ([0x0200, 0x0005], .exp8int24, 500),
            ([0xFFFF, 0xFFFF], .exp8uint24, 1_677_721.5), ([0, 1, 0], .uint48, 65_536),
            ([1, 0x2345, 0x6789], .uint48, 4_886_718_345), ([0xFFFF, 0xFFFE, 0x1DC0], .int48, -123_456),
            ([0xFFFF, 0xFFFE, 0x1DC0], .uint48, 281_474_976_587_200),
        ] as [([UInt16], RegisterType, Double)])
    func wordsOfTheirOwn(words: [UInt16], type: RegisterType, expected: Double) {
        #expect(decode(words, type).value == expected)
        #expect(decode(words.reversed(), type, .cdab).value == expected)
        #expect(decode(words.map(\.byteSwapped), type, .badc).value == expected)
        #expect(decode(words.reversed().map(\.byteSwapped), type, .dcba).value == expected)
    }

    @Test("a decade exponent is exact in decimal, together with the scale, and none beyond twenty is believed")
    func decades() {
        #expect(decode([0xFF00, 0x0003], .exp8int24).value == 0.3)
        #expect(decode([0xFF00, 0x0003], .exp8int24, scale: 0.1).value == 0.03)
        #expect(decode([0x1500, 0x0001], .exp8uint24).reason == .outOfRange)
        #expect(decode([0xEB00, 0x0001], .exp8uint24).reason == .outOfRange)
    }

    @Test("V01: a counter scaled by a tenth has the decimal value, not a neighbour of it")
    func counter() {
        #expect(decode([0xFFFF, 0xFFA0], .uint32, scale: 0.1).value == 429_496_720.0)
        #expect(decode([0x0000, 0x0096], .uint32, scale: 0.1).value == 15.0)
    }

    @Test("every integer type in every order", arguments: RegisterOrder.allCases)
    func integers(order: RegisterOrder) {
        func wire(_ words: [UInt16]) -> [UInt16] {
            let bytes = order.swapsBytes ? words.map(\.byteSwapped) : words
            return order.lowWordFirst ? bytes.reversed() : bytes
        }
        #expect(decode(wire([0xFFFE]), .int16, order).value == -2)
        #expect(decode(wire([0xFFFE]), .uint16, order).value == 65534)
        #expect(decode(wire([0xFFFF, 0xFFFE]), .int32, order).value == -2)
        #expect(decode(wire([0x8000, 0x0001]), .uint32, order).value == 2_147_483_649)
        #expect(decode(wire([0xFFFF, 0xFFFF, 0xFFFF, 0xFFFD]), .int64, order).value == -3)
        #expect(decode(wire([0x0001, 0x0000, 0x0000, 0x0005]), .uint64, order).value == 281_474_976_710_661)
        let double = (1234.5678).bitPattern
        let words = (0..<4).reversed().map { UInt16(truncatingIfNeeded: double >> UInt64(16 * $0)) }
        #expect(decode(wire(words), .float64, order).value == 1234.5678)
        #expect(decode(wire([0x1234]), .bcd16, order).value == 1234)
        #expect(decode(wire([0x1234, 0x5678]), .bcd32, order).value == 12_345_678)
    }

    @Test(
        "a decimal factor gives the nearest double",
        arguments: [
            (134_238, 0.1, 13423.8), (3, 0.1, 0.3), (7, 0.01, 0.07), (1, 0.001, 0.001), (123, 0.25, 30.75),
            (11, 1000, 11000), (3, 1.1, 3.3), (-5, 0.1, -0.5), (0, 0.1, 0), (65_535, 3.6, 235_926), (99, 0.05, 4.95),
        ] as [(Int, Double, Double)])
    func factor(raw: Int, scale: Double, expected: Double) {
        #expect(DecimalFactor(scale: scale, offset: 0).apply(Int128(raw)) == expected)
    }

    @Test("factor, offset and scale register make one exact decimal before it is rounded")
    func offset() {
        #expect(decode([3], .uint16, scale: 0.1, offset: 0.4).value == 0.7)
        #expect(decode([2981], .uint16, scale: 0.1, offset: -273.15).value == 24.95)
        #expect(decode([2305], .uint16, scaleRegister: 9, exponent: 0xFFFF).value == 230.5)
        #expect(decode([12], .uint16, scaleRegister: 9, exponent: 3).value == 12000)
        #expect(decode([12], .uint16, scale: 0.001, scaleRegister: 9, exponent: 3).value == 12)
    }

    @Test("every product of a 32-bit count and a power of ten is what the decimal text says")
    func agreesWithText() {
        var state: UInt64 = 88_172_645_463_325_252
        var wrong: [String] = []
        for _ in 0..<20_000 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            let raw = UInt32(truncatingIfNeeded: state)
            let places = Int(state >> 40 % 7)
            let value = DecimalFactor(scale: Double("1e-\(places)") ?? .nan, offset: 0).apply(Int128(raw))
            if value != Double("\(raw)e-\(places)") { wrong.append("\(raw)e-\(places)") }
        }
        #expect(wrong == [])
    }

    @Test("counts beyond 2^53 keep the nearest double too")
    func large() {
        let value = decode([0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF], .uint64, scale: 0.01).value
        #expect(value == 184_467_440_737_095_516.15)
    }

    @Test("fields of bits, lowest first")
    func bits() {
        #expect(decode([0b1010_0000], .uint16, bits: 4...7).value == 0b1010)
        #expect(decode([0b1000], .bool, bits: 3...3).value == 1)
        #expect(decode([0b0111], .bool, bits: 3...3).value == 0)
        #expect(decode([0x8000, 0], .uint32, bits: 31...31).value == 1)
        #expect(decode([2], .bool).value == 1)
    }

    @Test("several bits of a signed type are a number with a sign, a single one is a bit")
    func signedBits() {
        #expect(decode([0x12F0], .int16, bits: 0...7).value == -16)
        #expect(decode([0x17EE], .int16, bits: 8...15).value == 23)
        #expect(decode([0x17EE], .int16, bits: 0...7, scale: 0.5).value == -9)
        #expect(decode([0x8000, 1], .int32, bits: 16...31).value == -32_768)
        #expect(decode([0x8000, 0, 0, 0], .int64, bits: 0...63).value == Double(Int64.min))
        #expect(decode([0x0008], .int16, bits: 3...3).value == 1)
        #expect(decode([0x12F0], .uint16, bits: 0...7).value == 240)
    }

    @Test(
        "what is not available has no value",
        arguments: [
            ([0xFFFF, 0xFFFF], .uint32, 0xFFFF_FFFF), ([0x8000], .int16, 0x8000), ([0x7FC0, 0], .float32, 0x7FC0_0000),
        ] as [([UInt16], RegisterType, UInt64)])
    func sentinels(words: [UInt16], type: RegisterType, sentinel: UInt64) {
        let decoded = decode(words, type, scale: 0.1, sentinels: [sentinel])
        #expect(decoded.reason == .sentinel)
        #expect(decoded.value.isNaN)
    }

    @Test("a scale register that is not there or out of reason gives no value")
    func scaleRegister() {
        #expect(decode([1], .uint16, scaleRegister: 9, exponent: 0x8000).reason == .sentinel)
        #expect(decode([1], .uint16, scaleRegister: 9, exponent: 300).reason == .outOfRange)
        #expect(decode([1], .uint16, scaleRegister: 9).reason == .sentinel)
    }

    @Test(
        "digits that are none, and numbers that are none",
        arguments: [
            ([0x12A4], .bcd16), ([10_000, 0], .mod10k), ([0, 10_000], .uint32Ten), ([0, 0xD8F0], .int32Ten),
            ([0x7F80, 0], .float32), ([0x7FC1, 0], .float32),
            ([0x4142, 0x4344], .string),
        ] as [([UInt16], RegisterType)])
    func nothing(words: [UInt16], type: RegisterType) {
        #expect(decode(words, type).reason == .notFinite)
    }

    @Test("text ends at the zero byte and may be a number")
    func text() {
        let map = RegisterMap(table: .holding, address: 0, type: .string, count: 4)
        let words: [UInt16] = [0x2031, 0x322E, 0x3520, 0x0041]
        #expect(map.text(words.span) == "12.5")
        #expect(map.decode(words.span).value == 12.5)
    }
}
