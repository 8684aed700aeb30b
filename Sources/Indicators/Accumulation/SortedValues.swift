/// Numbers in ascending order that come and go, so that the rank of a long rolling window is found without sorting it anew.
struct SortedValues {
    /// Ascending within and among each other; none is empty.
    private var blocks: [[Double]] = []
    private(set) var count = 0
    private static let most = 512

    /// Adds a number.
    mutating func insert(_ value: Double) {
        count += 1
        guard !blocks.isEmpty else {
            blocks = [[value]]
            return
        }
        let block = min(self.block(of: value), blocks.count - 1)
        blocks[block].insert(value, at: SortedValues.place(of: value, in: blocks[block]))
        if blocks[block].count > SortedValues.most {
            let half = blocks[block].count / 2
            blocks.insert(Array(blocks[block][half...]), at: block + 1)
            blocks[block].removeSubrange(half...)
        }
    }

    /// Takes away one number that was added.
    mutating func remove(_ value: Double) {
        let block = self.block(of: value)
        guard block < blocks.count else { return }
        let place = SortedValues.place(of: value, in: blocks[block])
        guard place < blocks[block].count, blocks[block][place] == value else { return }
        blocks[block].remove(at: place)
        count -= 1
        if blocks[block].isEmpty { blocks.remove(at: block) }
    }

    /// The number at a place, counted from 0.
    subscript(index: Int) -> Double {
        var rest = index
        for block in blocks {
            if rest < block.count { return block[rest] }
            rest -= block.count
        }
        return .nan
    }

    /// The first block whose last number is not below the value.
    private func block(of value: Double) -> Int {
        var low = 0
        var high = blocks.count
        while low < high {
            let middle = (low + high) / 2
            if blocks[middle][blocks[middle].count - 1] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func place(of value: Double, in block: [Double]) -> Int {
        var low = 0
        var high = block.count
        while low < high {
            let middle = (low + high) / 2
            if block[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
