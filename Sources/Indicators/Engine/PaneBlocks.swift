import DequeModule

/// Adds up the panes of long windows by blocks of time, so that a window of a thousand panes takes twenty additions and
/// not a thousand.
///
/// A block is 2ᵏ lengths of the grid, counted from 1970; its sum is made once of the two halves. Which blocks make up a
/// window follows from nothing but the panes' edges, so that a window has the same bits after a restart.
struct PaneBlocks<Sum: PaneSum> {
    private struct Block {
        var sum: Sum
        var panes: Int
    }

    /// The length of the smallest blocks in milliseconds.
    private let unit: Int64
    /// By level, the blocks by their number.
    private var levels: [[Int64: Block]] = []
    /// No block that was added up ends later.
    private var end = Int64.min

    init(unit: Int64) { self.unit = unit }

    /// Forgets the sums that a pane is part of, which starts then and has changed.
    @inline(__always)
    mutating func change(at start: Int64) { if start < end { forget(start) } }

    /// Forgets the sums that a pane is part of, which starts then.
    mutating func forget(_ start: Int64) {
        for level in levels.indices { levels[level][number(start, level)] = nil }
    }

    /// The sum of those panes, in their order.
    mutating func sum(of range: Range<Int>, edges: Deque<Int64>, panes: Deque<Sum>) -> Sum {
        guard let first = range.first else { return Sum() }
        var total = panes[first]
        guard range.count > 8 else {
            for index in range.dropFirst() { total.merge(panes[index]) }
            return total
        }
        var index = first + 1
        while index < range.upperBound {
            if let level = greatestLevel(at: index, until: edges[range.upperBound], edges) {
                let block = block(level, from: index, edges, panes)
                total.merge(block.sum)
                index += block.panes
            } else {
                total.merge(panes[index])
                index += 1
            }
        }
        return total
    }

    /// The greatest block whose first pane is this one and which ends in time; nil where none does.
    private func greatestLevel(at index: Int, until limit: Int64, _ edges: Deque<Int64>) -> Int? {
        var found: Int?
        for level in 0..<40 {
            let number = number(edges[index], level)
            guard number != self.number(edges[index - 1], level), (number + 1) * (unit << Int64(level)) <= limit else {
                break
            }
            found = level
        }
        return found
    }

    private mutating func block(_ level: Int, from first: Int, _ edges: Deque<Int64>, _ panes: Deque<Sum>) -> Block {
        let number = number(edges[first], level)
        while levels.count <= level { levels.append([:]) }
        if let known = levels[level][number] { return known }
        var made = Block(sum: panes[first], panes: 1)
        if level == 0 {
            while self.number(edges[first + made.panes], 0) == number {
                made.sum.merge(panes[first + made.panes])
                made.panes += 1
            }
        } else {
            made = block(level - 1, from: first, edges, panes)
            let next = first + made.panes
            if self.number(edges[next], level) == number {
                let half = block(level - 1, from: next, edges, panes)
                made.sum.merge(half.sum)
                made.panes += half.panes
            }
        }
        levels[level][number] = made
        end = max(end, (number + 1) * (unit << Int64(level)))
        return made
    }

    private func number(_ time: Int64, _ level: Int) -> Int64 {
        let length = unit << Int64(level)
        return time >= 0 ? time / length : (time - length + 1) / length
    }
}
