import Metering
import Modbus

/// One way to read the registers at an address, with how likely a device means it so.
package struct Decoding: Sendable, Hashable {
    /// Where it begins.
    package var address: Int
    /// The type.
    package var type: RegisterType
    /// The order of its bytes; ABCD for one register.
    package var order: RegisterOrder
    /// Registers.
    package var count: Int
    /// What it says; nil for a text.
    package var value: Double?
    /// What it says, where it is a text.
    package var text: String?
    /// 0 to 1: how much it looks like a measured value, and like what stands beside it.
    package var plausibility: Double

    /// Every way to read every address of a block, by address, the most likely first.
    package static func all(of block: BlockReading) -> [Decoding] {
        guard !block.function.isBits else {
            return block.cells.enumerated().compactMap { position, cell in
                cell.map {
                    Decoding(
                        address: block.address + position, type: .bool, order: .abcd, count: 1, value: Double($0),
                        plausibility: 1)
                }
            }
        }
        var found = block.cells.indices.flatMap { decodings(of: block, at: $0) }
        let places = SensiblePlaces(found)
        for index in found.indices { found[index].plausibility *= 0.2 + 0.8 * places.share(found[index]) }
        return found.enumerated().sorted {
            ($0.element.address, -$0.element.plausibility, $0.offset)
                < ($1.element.address, -$1.element.plausibility, $1.offset)
        }.map(\.element)
    }

    private static func decodings(of block: BlockReading, at position: Int) -> [Decoding] {
        var found: [Decoding] = []
        let kinds: [RegisterType] = [
            .uint16, .int16, .bcd16, .float32, .uint32, .int32, .bcd32, .uint48, .int48, .float64, .uint64,
            .int64, .mod10k, .uint32Ten, .int32Ten, .exp8int24, .exp8uint24,
        ]
        for type in kinds {
            let count = type.registers ?? 2
            guard let words = block.words(position, count) else { continue }
            let orders: [RegisterOrder] = count == 1 ? [.abcd, .badc] : RegisterOrder.allCases
            for order in orders where !type.isOfWords || !order.swapsBytes {
                let map = RegisterMap(
                    table: .holding, address: 0, type: type, order: order, count: count)
                let decoded = map.decode(words.span)
                guard decoded.reason == .none else { continue }
                found.append(
                    Decoding(
                        address: block.address + position, type: type, order: order, count: count, value: decoded.value,
                        plausibility: Plausibility.of(decoded.value, as: type, order, words)))
            }
        }
        if let text = text(of: block, at: position) { found.append(text) }
        return found
    }

    /// The readable characters from here on, if at least four follow each other.
    private static func text(of block: BlockReading, at position: Int) -> Decoding? {
        func isText(_ word: UInt16) -> Bool {
            (0x20...0x7E).contains(word >> 8) && ((0x20...0x7E).contains(word & 0xFF) || word & 0xFF == 0)
        }
        let words = block.cells[position...].prefix { $0.map(isText) ?? false }.compactMap { $0 }
        guard words.count >= 2, words.count >= 3 || words.allSatisfy({ $0 & 0xFF != 0 }) else { return nil }
        let map = RegisterMap(table: .holding, address: 0, type: .string, count: words.count)
        let isBeginning = position == 0 || !(block.cells[position - 1].map(isText) ?? false)
        return Decoding(
            address: block.address + position, type: .string, order: .abcd, count: words.count,
            text: map.text(words.span), plausibility: isBeginning ? min(0.98, 0.5 + 0.1 * Double(words.count)) : 0.1)
    }
}

/// How many of a block's places a type and order make sense at: devices are written in one style.
private struct SensiblePlaces {
    private struct Style: Hashable {
        var type: RegisterType
        var order: RegisterOrder
        var phase: Int
    }

    private var sums: [Style: (sum: Double, count: Int)] = [:]

    init(_ all: [Decoding]) {
        for decoding in all { sums[SensiblePlaces.style(decoding), default: (0, 0)].sum += decoding.plausibility }
        for decoding in all { sums[SensiblePlaces.style(decoding)]?.count += 1 }
    }

    /// The mean plausibility of the same style at the same alignment.
    func share(_ decoding: Decoding) -> Double {
        guard decoding.type != .string, let style = sums[SensiblePlaces.style(decoding)], style.count > 0 else {
            return 1
        }
        return style.sum / Double(style.count)
    }

    private static func style(_ decoding: Decoding) -> Style {
        Style(type: decoding.type, order: decoding.order, phase: decoding.address % max(1, decoding.count))
    }
}

extension RegisterType {
    /// Whether it is made of words that are numbers of their own, which nobody swaps the bytes of.
    fileprivate var isOfWords: Bool { [.mod10k, .int32Ten, .uint32Ten].contains(self) }
}
