import TestKit
import Testing

@testable import Metering

@Suite("Encoding a value into registers")
struct RegisterEncodingTests {
    static let numbers: [RegisterType] = RegisterType.allCases.filter { $0 != .string && $0 != .bool }

    @Test(
        "what one type and order shows decodes to the same value, and encodes to the same registers again",
        arguments: numbers, RegisterOrder.allCases)
    func roundTrip(type: RegisterType, order: RegisterOrder) throws {
        var dice = SeededNumbers(seed: 1)
        for round in 0..<200 {
            let count = type == .mod10k ? 1 + round % 4 : nil
            let scale = [1, 0.1, 0.01, 5, 1000][round % 5]
            let map = RegisterMap(
                table: .holding, address: 7, type: type, order: order, count: count, scale: scale,
                offset: round % 3 == 0 ? -40 : 0)
            let value = exact(type, &dice, map) * scale + map.offset
            let cells = map.encode(value)
            #expect(cells.words.count == map.count)
            #expect(cells.masks.allSatisfy { $0 == 0xFFFF })
            let decoded = map.decode(cells.words.span)
            #expect(decoded.reason == .none)
            let tolerance = max(abs(value), 1) * (type == .float32 ? 1e-6 : 1e-12)
            #expect(abs(decoded.value - value) <= tolerance, "\(value) became \(decoded.value) in \(cells.words)")
            // A double divided by its scale and multiplied again may differ in its last bit.
            if type != .float64 { #expect(map.encode(decoded.value) == cells) }
        }
    }

    /// A raw value that the type can hold exactly, small enough to be exact in a double too.
    private func exact(_ type: RegisterType, _ dice: inout SeededNumbers, _ map: RegisterMap) -> Double {
        let roll = dice.next()
        switch type {
        case .int16: return Double(Int16(truncatingIfNeeded: roll))
        case .uint16: return Double(UInt16(truncatingIfNeeded: roll))
        case .int32: return Double(Int32(truncatingIfNeeded: roll))
        case .uint32: return Double(UInt32(truncatingIfNeeded: roll))
        case .int48: return Double(Int64(bitPattern: roll) >> 16)
        case .uint48: return Double(roll >> 16)
        case .uint32Ten: return Double(roll % 655_360_000)
        case .int32Ten: return Double(Int64(roll % 655_360_000) - 327_680_000 + 1)
        case .exp8int24: return Double(Int32(truncatingIfNeeded: roll) >> 8)
        case .exp8uint24: return Double(roll & 0xFF_FFFF)
        case .int64: return Double(Int64(bitPattern: roll) >> 20)
        case .uint64: return Double(roll >> 20)
        case .bcd16: return Double(roll % 10_000)
        case .bcd32: return Double(roll % 100_000_000)
        case .mod10k: return Double(roll % [10_000, 100_000_000, 1_000_000_000_000, 1_000_000_000_000][map.count - 1])
        case .float32, .float64: return Double(Int32(truncatingIfNeeded: roll)) / 1024
        case .string, .bool: return 0
        }
    }

    @Test("V03 mod10k, low word first: 1200009998 stands as [9998, 0, 12, 0]")
    func modulo() {
        let map = RegisterMap(table: .input, address: 0, type: .mod10k, order: .cdab, count: 4)
        #expect(map.encode(1_200_009_998).words == [9998, 0, 12, 0])
        #expect(map.encode(1_200_010_003).words == [3, 1, 12, 0])
    }

    @Test(
        "V59 123.456 as float32 stands in each order with its own words",
        arguments: [
            (RegisterOrder.abcd, [0x42F6, 0xE979]), (.cdab, [0xE979, 0x42F6]), (.badc, [0xF642, 0x79E9]),
            (.dcba, [0x79E9, 0xF642]),
        ] as [(RegisterOrder, [UInt16])])
    func orders(order: RegisterOrder, words: [UInt16]) {
        #expect(RegisterMap(table: .input, address: 0, type: .float32, order: order).encode(123.456).words == words)
    }

    @Test("a field of bits touches its own bits only")
    func bits() {
        let map = RegisterMap(table: .holding, address: 0, type: .uint16, bits: 4...7)
        #expect(map.encode(9) == EncodedCells(words: [0x90], masks: [0xF0]))
        #expect(map.encode(16).words == [0], "a value too large for the field keeps its low bits")
        let high = RegisterMap(table: .holding, address: 0, type: .uint32, order: .cdab, bits: 31...31)
        #expect(high.encode(1) == EncodedCells(words: [0, 0x8000], masks: [0, 0x8000]))
        let signed = RegisterMap(table: .holding, address: 0, type: .int16, bits: 4...11)
        #expect(signed.encode(-16) == EncodedCells(words: [0x0F00], masks: [0x0FF0]))
        #expect(signed.encode(-200).words == [0x0800] && signed.encode(200).words == [0x07F0])
    }

    @Test("a value too large stays at the largest, or starts anew where it wraps")
    func overflow() {
        let map = RegisterMap(table: .holding, address: 0, type: .uint16, scale: 0.1)
        #expect(map.encode(10_000).words == [65_535])
        #expect(map.encode(6553.7, wraps: true).words == [1])
        #expect(map.encode(-5).words == [0])
        let digits = RegisterMap(table: .holding, address: 0, type: .bcd16)
        #expect(digits.encode(10_012).words == [0x9999])
        #expect(digits.encode(10_012, wraps: true).words == [0x0012])
        let signed = RegisterMap(table: .holding, address: 0, type: .int16)
        #expect(signed.encode(40_000).words == [0x7FFF])
        #expect(signed.encode(-40_000).words == [0x8000])
        #expect(signed.encode(32_768, wraps: true).words == [0])
        let wide = RegisterMap(table: .holding, address: 0, type: .uint64)
        #expect(wide.encode(1e30).words == [0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF])
        #expect(wide.encode(-.infinity).words == [0, 0, 0, 0])
    }

    @Test("what is not a number is the first sentinel, or a float's own")
    func notANumber() {
        let map = RegisterMap(table: .holding, address: 0, type: .int32, order: .cdab, sentinels: [0x8000_0000])
        #expect(map.encode(.nan).words == [0, 0x8000])
        #expect(map.decode(map.encode(.nan).words.span).reason == .sentinel)
        let float = RegisterMap(table: .holding, address: 0, type: .float32)
        #expect(float.decode(float.encode(.nan).words.span).reason == .notFinite)
    }

    @Test("a scale register's exponent is taken out of the raw value", arguments: [-2, -1, 0, 1, 3])
    func exponents(exponent: Int) {
        let map = RegisterMap(table: .holding, address: 0, type: .int32, scaleRegister: 9)
        let cells = map.encode(123_000, exponent: exponent)
        #expect(map.decode(cells.words.span, exponent: UInt16(bitPattern: Int16(exponent))).value == 123_000)
    }

    @Test("a text shows the number's digits", arguments: RegisterOrder.allCases)
    func text(order: RegisterOrder) {
        let map = RegisterMap(table: .holding, address: 0, type: .string, order: order, count: 5)
        #expect(map.decode(map.encode(-123.5).words.span).value == -123.5)
    }

    @Test("a bit is set by anything but zero", arguments: [(0.0, 0), (1, 1), (2, 1), (-1, 1)] as [(Double, UInt16)])
    func coil(value: Double, word: UInt16) {
        #expect(RegisterMap(table: .coil, address: 0, type: .bool).encode(value).words == [word])
        #expect(RegisterMap(table: .holding, address: 0, type: .bool, bits: 3...3).encode(value).masks == [8])
    }
}
