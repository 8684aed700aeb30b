import Foundation
import Metering
import TestKit
import Testing

@testable import ReadingCodec

@Suite("Chunks")
struct ChunkCodecTests {
    private func roundTrip(_ columns: ReadingColumns, sourceLocation: SourceLocation = #_sourceLocation) throws -> Int {
        let codec = ChunkCodec()
        let bytes = codec.encode(columns)
        var back = ReadingColumns()
        try bytes.withUnsafeBytes { try codec.decode($0, version: ChunkCodec.version, into: &back) }
        #expect(back.times == columns.times, sourceLocation: sourceLocation)
        #expect(back.codes == columns.codes, sourceLocation: sourceLocation)
        let wrong = columns.values.indices.first { index in
            ReadingColumns.isUsable(columns.codes[index])
                ? back.values[index].bitPattern != columns.values[index].bitPattern : !back.values[index].isNaN
        }
        #expect(wrong == nil, "value \(wrong ?? 0)", sourceLocation: sourceLocation)
        return bytes.count
    }

    private static func columns(times: [Int64], values: [Double]) -> ReadingColumns {
        ReadingColumns(times: times, values: values, codes: [UInt16](repeating: 0, count: times.count))
    }

    private static func every(_ step: Int64, _ count: Int) -> [Int64] {
        (0..<Int64(count)).map { 1_700_000_000_000 + $0 * step }
    }

    private static let awkward: [[Double]] = [
        [0.1, 0.2, 0.3], [0.30000000000000004, 0.3], [-0.0, 0.0, 1], [.infinity, -.infinity, 1], [.nan, 1],
        [Double(bitPattern: 0x7FF0_0000_0000_0001)],
        [.greatestFiniteMagnitude, .leastNonzeroMagnitude, -.greatestFiniteMagnitude],
        [9_007_199_254_740_991, 9_007_199_254_740_992, 9_007_199_254_740_994], [4_294_967_295, 0, 429_496_729.5],
        [Double(Float(237.1)), Double(Float(0.1)), Double(Float(-1e-20))],
        [Double(Float(237.1)), Double(Float(236.9))],
        [1e15, 1e-15], [1e-16], [1e22, 3], [123_456_789_012.3], [-5, -5.5, 1e-3], [.pi, -.pi],
        [Double(Float.nan)], [.leastNonzeroMagnitude, 0],
    ]

    @Test("values come back bit for bit", arguments: awkward)
    func exactValues(_ values: [Double]) throws {
        _ = try roundTrip(Self.columns(times: Self.every(1000, values.count), values: values))
    }

    private static let farApart: [[Int64]] = [
        [0], [-5], [Int64.min / 4, 0, Int64.max / 4], [Int64.min, Int64.max], [1, 2], [1, 2, 3],
        [-9_000_000_000_000_000_000, 9_000_000_000_000_000_000], [7, 1000, 1007],
    ]

    @Test("times come back however far apart", arguments: farApart)
    func exactTimes(_ times: [Int64]) throws {
        _ = try roundTrip(Self.columns(times: times, values: times.map { _ in 1 }))
    }

    @Test("any mixture of times, values and qualities comes back", arguments: 0..<UInt64(300))
    func fuzz(_ seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        var columns = ReadingColumns()
        var time = Int64.random(in: -1_000_000...2_000_000_000_000, using: &random)
        var value = 1000.0
        let count = Int.random(in: 1...600, using: &random)
        let style = Int.random(in: 0..<8, using: &random)
        let badness = Double.random(in: 0...1, using: &random) < 0.5 ? 0 : Double.random(in: 0...1, using: &random)
        for _ in 0..<count {
            time +=
                Int64.random(in: 0..<10, using: &random) == 0 ? Int64.random(in: 1...90_000_000, using: &random) : 1000
            switch style {
            case 0: value = Double(Int.random(in: -1000...1000, using: &random)) / 10
            case 1: value += Double(Int.random(in: 0...9, using: &random)) / 1000
            case 2: value = Double(Float.random(in: -10...10, using: &random))
            case 3: value = Double.random(in: -1e9...1e9, using: &random)
            case 4: value = Double(bitPattern: random.next())
            case 5: value = Double(Float(Double(Int.random(in: 0...9999, using: &random)) / 100))
            case 6: value = Double(Int.random(in: 0...9, using: &random)) / 3
            default: value = Double(Int64(bitPattern: random.next()) >> 10)
            }
            let isBad = Double.random(in: 0...1, using: &random) < badness
            let isUncertain = Int.random(in: 0..<20, using: &random) == 0
            columns.append(
                time, isBad ? .nan : value,
                ReadingColumns.code(
                    isBad ? .bad : isUncertain ? .uncertain : .good,
                    Reason(rawValue: isBad || isUncertain ? UInt8.random(in: 0...110, using: &random) : 0)))
        }
        _ = try roundTrip(columns)
    }

    @Test("a standing value at even times takes next to nothing")
    func constant() throws {
        let size = try roundTrip(
            Self.columns(times: Self.every(10_000, 8192), values: [Double](repeating: 21.5, count: 8192)))
        #expect(size < 48)
    }

    @Test("a counter that grows evenly takes next to nothing")
    func evenCounter() throws {
        let size = try roundTrip(
            Self.columns(times: Self.every(10_000, 8192), values: (0..<8192).map { Double(1_000_000 + $0 * 25) / 100 }))
        #expect(size < 60)
    }

    @Test("any flipped bit is found by the checksum")
    func damage() {
        var random = SeededNumbers(seed: 7)
        let columns = Self.columns(
            times: Self.every(1000, 200),
            values: (0..<200).map { _ in Double(Int.random(in: 0...999, using: &random)) / 10 })
        var bytes = ChunkCodec().encode(columns)
        let header = ChunkHeader(id: 1, of: columns)
        let sum = bytes.withUnsafeBytes { header.checksum(point: 1, $0) }
        for bit in 0..<bytes.count * 8 {
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(bytes.withUnsafeBytes { header.checksum(point: 1, $0) } != sum)
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        #expect(bytes.withUnsafeBytes { header.checksum(point: 2, $0) } != sum)
    }

    @Test("damaged bytes never crash the reader", arguments: 0..<UInt64(40))
    func rubbish(_ seed: UInt64) {
        var random = SeededNumbers(seed: seed)
        var columns = Self.columns(
            times: Self.every(1000, 100),
            values: (0..<100).map { _ in Double(Int.random(in: 0...999, using: &random)) / 10 })
        columns.codes[5] = ReadingColumns.code(.bad, .timeout)
        let codec = ChunkCodec()
        let sound = codec.encode(columns)
        var refused = 0
        for _ in 0..<200 {
            var bytes = sound
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
            var back = ReadingColumns()
            do { try bytes.withUnsafeBytes { try codec.decode($0, version: 1, into: &back) } } catch { refused += 1 }
        }
        #expect(refused > 50)
    }

    @Test("a chunk of an unknown version is refused")
    func version() {
        let bytes = ChunkCodec().encode(Self.columns(times: [1], values: [1]))
        var back = ReadingColumns()
        #expect(throws: ChunkDamage.self) {
            try bytes.withUnsafeBytes { try ChunkCodec().decode($0, version: 3, into: &back) }
        }
    }

    /// Numbers that are no round ones in any form and come again: one step of many, means of three, a word of bits.
    private enum Repeated: CaseIterable {
        case transmitterStep, meanOfThree, printedMean, wordOfBits

        func next(_ random: inout SeededNumbers) -> Double {
            switch self {
            case .transmitterStep: Double(Float(Double(Int.random(in: 1900...2100, using: &random)) / 3276 * 160))
            case .meanOfThree: Double(Int.random(in: 400...600, using: &random)) / 3 / 10
            case .printedMean: (Double(Int.random(in: 400...600, using: &random)) / 3 * 1e10).rounded() / 1e10
            case .wordOfBits:
                Int.random(in: 0..<60, using: &random) > 0 ? 4097 : Double(1 << Int.random(in: 0..<14, using: &random))
            }
        }
    }

    @Test("values that come again and again take what it takes to say which one", arguments: Repeated.allCases)
    private func table(_ repeated: Repeated) throws {
        var random = SeededNumbers(seed: 5)
        let values = (0..<8192).map { _ in repeated.next(&random) }
        let size = try roundTrip(Self.columns(times: Self.every(10_000, 8192), values: values))
        #expect(Double(size) / 8192 < (repeated == .wordOfBits ? 0.08 : 1.25))
    }

    @Test("a damaged table never crashes the reader")
    func damagedTable() {
        var random = SeededNumbers(seed: 3)
        let codec = ChunkCodec()
        let sound = codec.encode(
            Self.columns(
                times: Self.every(1000, 400), values: (0..<400).map { _ in Repeated.meanOfThree.next(&random) }))
        var refused = 0
        for _ in 0..<4000 {
            var bytes = sound
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<min(60, bytes.count), using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            var back = ReadingColumns()
            do { try bytes.withUnsafeBytes { try codec.decode($0, version: 2, into: &back) } } catch { refused += 1 }
        }
        #expect(refused > 2000)
    }

    /// A chunk as version 1 wrote it for the first time; it must be readable for ever.
    @Test("a stored chunk of version 1 is still read")
    func releasedFormat() throws {
        let columns = Self.columns(times: [1000, 2000, 3000, 4010], values: [1.5, 1.6, 1.4, 2])
        var bytes: [UInt8] = []
        var rest = Self.stored[...]
        while let byte = UInt8(rest.prefix(2), radix: 16) {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        var back = ReadingColumns()
        try bytes.withUnsafeBytes { try ChunkCodec().decode($0, version: 1, into: &back) }
        #expect(back.times == columns.times && back.values == columns.values && back.codes == columns.codes)
    }

    private static let stored = "04040003d00f0ada04000101001e010101040001020006"
}

@Suite("Hot rows")
struct HotRowTests {
    private static func all(_ bytes: [UInt8], first: Int64, of point: Int64? = nil) throws -> [Int64: [Seen]] {
        var found: [Int64: [Seen]] = [:]
        try bytes.withUnsafeBytes { bytes in
            try HotRowCodec.decode(bytes, first: first, where: { point == nil || $0 == point }) {
                number, time, value, code in
                found[number, default: []].append(Seen(Reading(0, time, value, code)))
            }
        }
        return found
    }

    @Test("every point's readings come back bit for bit in the order of their arrival", arguments: 0..<UInt64(40))
    func comesBack(seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        let points = Int.random(in: 1...30, using: &random)
        var readings: [Reading] = []
        for _ in 0..<Int.random(in: 1...400, using: &random) {
            let point = PointIndex(Int.random(in: 0..<points, using: &random))
            // Some arrive late, and some twice.
            let time = at(
                1_700_000_000_000 + Int64(readings.count / points) * 1000
                    - (Int.random(in: 0..<20, using: &random) == 0 ? 5000 : 0))
            switch Int.random(in: 0..<8, using: &random) {
            case 0: readings.append(Reading(point, time, bad: .timeout))
            case 1: readings.append(Reading(point, time, Double.random(in: -1e9...1e9, using: &random), .uncertain))
            case 2:
                readings.append(
                    Reading(
                        point, time,
                        [-0.0, .infinity, -.infinity, .nan, Double.leastNonzeroMagnitude].randomElement(using: &random)!
                    ))
            case 3: readings.append(Reading(point, time, Double(Float.random(in: -9...9, using: &random))))
            case 4: readings.append(Reading(point, time, Double(bitPattern: random.next()), .uncertain, .frozen))
            default: readings.append(Reading(point, time, Double(Int.random(in: -500...500, using: &random)) / 10))
            }
        }
        let numbers = (0..<points).map { Int64($0 * $0 + 1 + Int(seed)) }
        let first = readings.map(\.time.milliseconds).min()!
        let bytes = HotRowCodec.encode(readings, first: first) { numbers[Int($0)] }
        let found = try Self.all(bytes, first: first)
        for point in 0..<points {
            let expected = readings.filter { Int($0.point) == point }.map { Seen($0) }
            #expect(found[numbers[point]] ?? [] == expected)
            #expect(try Self.all(bytes, first: first, of: numbers[point])[numbers[point]] ?? [] == expected)
        }
    }

    @Test("damaged bytes are said to be damaged and never crash", arguments: 0..<UInt64(60))
    func damaged(seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        let readings = (0..<90).map { Reading(PointIndex($0 % 9), at(Int64($0) * 100), Double($0) / 10) }
        var bytes = HotRowCodec.encode(readings, first: 0) { Int64($0) + 1 }
        for _ in 0..<3 {
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        bytes.removeLast(Int.random(in: 0..<20, using: &random))
        do {
            _ = try Self.all(bytes, first: 0)
        } catch let damage as ChunkDamage {
            #expect(!damage.message.isEmpty)
        }
    }

    @Test("rows of the first version are still read")
    func firstVersion() throws {
        // Point 3 at +0: 12.5; point 1 at +70: bad, timeout; point 3 at +1000: the double 1/3, uncertain.
        var bytes: [UInt8] = [3, 0, 1, 0xFA, 0x01, 1, 0x8C, 0x01, 16 | 32, 2, Reason.timeout.rawValue]
        bytes += [3, 0xD0, 0x0F, 17 | 32]
        withUnsafeBytes(of: (1.0 / 3).bitPattern.littleEndian) { bytes += Array($0) }
        bytes += [1, 0]
        var found: [String] = []
        try bytes.withUnsafeBytes { bytes in
            try HotBatch.decode(bytes, first: 5000) { point, time, value, code in
                found.append("\(point) \(Seen(Reading(0, time, value, code)))")
            }
        }
        #expect(
            found == [
                "3 \(Seen(Reading(0, at(5000), 12.5)))", "1 \(Seen(Reading(0, at(5070), bad: .timeout)))",
                "3 \(Seen(Reading(0, at(6000), 1.0 / 3, .uncertain)))",
            ])
    }
}
