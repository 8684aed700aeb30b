import Metering
import Modbus

/// A stretch of registers or bits as a device gave it, with what it refused left open.
package struct BlockReading: Sendable, Hashable {
    /// The table.
    package var function: ReadFunction
    /// The first address.
    package var address: Int
    /// By position; nil where the device refuses the cell.
    package var cells: [UInt16?]

    /// A stretch with its cells.
    package init(function: ReadFunction, address: Int, cells: [UInt16?]) {
        self.function = function
        self.address = address
        self.cells = cells
    }

    /// Reads a stretch of a unit; a block that is refused is taken apart until what is refused is alone.
    ///
    /// - Throws: Why there is no answer; an exception only where every cell is refused with it.
    package static func read(
        _ unit: UInt8, _ function: ReadFunction, _ address: Int, _ count: Int, over line: some DeviceLine
    ) throws(ModbusFailure) -> BlockReading {
        var block = BlockReading(function: function, address: address, cells: Array(repeating: nil, count: count))
        var refusal: ModbusFailure?
        var waiting: [Range<Int>] = []
        for start in stride(from: 0, to: count, by: function.limit).reversed() {
            waiting.append(start..<min(count, start + function.limit))
        }
        while let range = waiting.popLast() {
            let request = ReadRequest(
                unit: unit, function: function, address: UInt16(address + range.lowerBound), count: range.count)
            do throws(ModbusFailure) {
                for (offset, word) in try line.read(request).enumerated() {
                    block.cells[range.lowerBound + offset] = word
                }
            } catch {
                guard case .exception(let code) = error, code != 10, code != 11 else { throw error }
                refusal = error
                // A function that the device does not have is refused for every cell alike.
                guard range.count > 1, code != 1 else { continue }
                let middle = range.lowerBound + range.count / 2
                waiting += [middle..<range.upperBound, range.lowerBound..<middle]
            }
        }
        if let refusal, !block.cells.contains(where: { $0 != nil }) { throw refusal }
        return block
    }

    /// What stands from a position on; nil where a cell is missing.
    func words(_ position: Int, _ count: Int) -> [UInt16]? {
        guard position + count <= cells.count else { return nil }
        let words = cells[position..<(position + count)].compactMap { $0 }
        return words.count == count ? words : nil
    }
}
