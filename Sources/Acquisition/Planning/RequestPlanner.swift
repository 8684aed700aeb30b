import Modbus

/// Finds the fewest requests that read a set of values, and among those plans one with the fewest cells.
///
/// Exact, by dynamic programming over the values in address order. A value that lies inside another one comes along for free;
/// without those, starts and ends ascend together, so that some best plan takes neighbours together: if a request held the
/// first and third of three values, the second lies within it and can be moved there at no cost.
package struct RequestPlanner: Sendable, Hashable {
    /// Registers one request may ask for; of bits, sixteen times as many.
    package var maxRegisters: Int
    /// The longest stretch of unwanted cells that may be read along; 0: none.
    package var largestGap: Int
    /// Cells the device is known to refuse; no request touches them, wanted values excepted.
    package var forbidden: [ForbiddenCells] = []

    /// A planner with these limits.
    package init(maxRegisters: Int = 125, largestGap: Int = .max) {
        self.maxRegisters = maxRegisters
        self.largestGap = largestGap
    }

    /// The requests that read the wanted items (indices into `all`), by function and address.
    ///
    /// An item longer than any request of its function can be is left out; one longer than ``maxRegisters`` is read alone.
    package func plan(_ wanted: [Int], of all: [ReadItem]) -> [PlannedRequest] {
        var requests: [PlannedRequest] = []
        for function in ReadFunction.allCases {
            let mine = wanted.filter { all[$0].function == function && all[$0].count <= function.limit }
                .sorted { (all[$0].address, -all[$0].count, $0) < (all[$1].address, -all[$1].count, $1) }
            if !mine.isEmpty { requests += plan(mine, of: all, function: function) }
        }
        return requests
    }

    private func plan(_ sorted: [Int], of all: [ReadItem], function: ReadFunction) -> [PlannedRequest] {
        // Each group is led by an item and holds the items that lie within it.
        var groups: [[Int]] = []
        for index in sorted {
            if let leader = groups.last?.first, all[index].end <= all[leader].end {
                groups[groups.count - 1].append(index)
            } else {
                groups.append([index])
            }
        }
        let leaders = groups.map { all[$0[0]] }
        let limit = min(function.limit, function.isBits ? maxRegisters * 16 : maxRegisters)
        var best: [(requests: Int, cells: Int)] = [(0, 0)]
        var start: [Int] = [0]
        for last in leaders.indices {
            var choice = (requests: Int.max, cells: Int.max)
            var chosen = last
            var first = last
            while true {
                let cells = leaders[last].end - leaders[first].address
                let candidate = (best[first].requests + 1, best[first].cells + cells)
                if candidate < choice {
                    choice = candidate
                    chosen = first
                }
                guard first > 0, mayJoin(leaders[first - 1], leaders[first], function),
                    leaders[last].end - leaders[first - 1].address <= limit
                else { break }
                first -= 1
            }
            best.append(choice)
            start.append(chosen)
        }
        var requests: [PlannedRequest] = []
        var end = leaders.count
        while end > 0 {
            let first = start[end]
            requests.append(PlannedRequest(covering: groups[first..<end].flatMap { $0 }, of: all))
            end = first
        }
        return requests.reversed()
    }

    private func mayJoin(_ a: ReadItem, _ b: ReadItem, _ function: ReadFunction) -> Bool {
        let gap = b.address - a.end
        guard gap > 0 else {
            return gap < 0 || !forbidden.contains { $0.function == function && $0.seam == b.address }
        }
        guard gap <= largestGap else { return false }
        return !forbidden.contains {
            $0.function == function && $0.cells.overlaps(a.end..<b.address)
        }
    }
}

/// Cells, or a seam between two cells, that no request may span.
package struct ForbiddenCells: Sendable, Hashable {
    /// The table.
    package var function: ReadFunction
    /// Addresses; empty for a seam.
    package var cells: Range<Int>
    /// Where `cells` is empty: the address that must begin a request.
    package var seam: Int? { cells.isEmpty ? cells.lowerBound : nil }

    /// Cells that a device refuses.
    package init(function: ReadFunction, cells: Range<Int>) {
        self.function = function
        self.cells = cells
    }
}
