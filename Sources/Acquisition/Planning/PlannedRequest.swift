import Modbus

/// A stretch of cells that makes one value and is never cut.
package struct ReadItem: Sendable, Hashable {
    /// The table.
    package var function: ReadFunction
    /// The first cell.
    package var address: Int
    /// How many cells.
    package var count: Int

    /// The cells of one value.
    package init(function: ReadFunction, address: Int, count: Int) {
        self.function = function
        self.address = address
        self.count = count
    }

    /// The first address after it.
    package var end: Int { address + count }
}

/// One request of a plan, with the values that it brings.
package struct PlannedRequest: Sendable, Hashable {
    /// The table.
    package var function: ReadFunction
    /// The first cell.
    package var address: Int
    /// How many cells.
    package var count: Int
    /// Which of the planner's items lie in it, by address.
    package var items: [Int]
    /// Cells at its end, or before its items, that are read along only so that its answer can be told from another one's.
    package var extra: Range<Int>?

    /// The request that reads just these items, ascending by address.
    package init(covering items: [Int], of all: [ReadItem]) {
        function = all[items[0]].function
        address = items.map { all[$0].address }.min() ?? 0
        count = (items.map { all[$0].end }.max() ?? 0) - address
        self.items = items
    }

    package func hash(into hasher: inout Hasher) {
        // Which items lie there follows, as a rule, from where it lies; to hash them would take longer than all else.
        hasher.combine(function)
        hasher.combine(address)
        hasher.combine(count)
        hasher.combine(extra)
    }

    /// Its cells.
    var stretch: ReadItem { ReadItem(function: function, address: address, count: count) }

    /// The same without the extra cells.
    package var plain: PlannedRequest {
        var plain = self
        guard let extra else { return self }
        if extra.lowerBound == address { plain.address += extra.count }
        plain.count -= extra.count
        plain.extra = nil
        return plain
    }

    /// The extra cell next to the wanted ones.
    var beside: ReadItem? {
        guard let extra else { return nil }
        let cell = extra.lowerBound == address ? extra.upperBound - 1 : extra.lowerBound
        return ReadItem(function: function, address: cell, count: 1)
    }

    /// As it is asked of a unit.
    package func request(unit: UInt8) -> ReadRequest {
        ReadRequest(unit: unit, function: function, address: UInt16(address), count: count)
    }
}
