import DequeModule
import TestKit
import Testing

@testable import Indicators

@Suite("Sums over the panes of long windows")
struct PaneBlocksTests {
    private struct Listed: PaneSum {
        var texts: [Int] = []
        mutating func merge(_ next: Listed) { texts += next.texts }
    }

    /// Counts how often panes are added up.
    private struct Counted: PaneSum {
        /// Only one test uses it.
        nonisolated(unsafe) static var additions = 0
        mutating func merge(_ next: Counted) { Self.additions += 1 }
    }

    @Test("hold every pane once and in order, wherever the edges lie, also after panes changed and were dropped")
    func order() {
        var numbers = SeededNumbers(seed: 4)
        for _ in 0..<50 {
            let unit = Int64.random(in: 1...100, using: &numbers)
            var edges: Deque<Int64> = [Int64.random(in: -500...500, using: &numbers)]
            for _ in 0..<200 { edges.append(edges[edges.count - 1] + Int64.random(in: 1...150, using: &numbers)) }
            var panes = Deque((0..<200).map { Listed(texts: [$0]) })
            var blocks = PaneBlocks<Listed>(unit: unit)
            for _ in 0..<40 {
                let low = Int.random(in: 0...panes.count, using: &numbers)
                let high = Int.random(in: low...panes.count, using: &numbers)
                let sum = blocks.sum(of: low..<high, edges: edges, panes: panes)
                #expect(sum.texts == panes[low..<high].flatMap(\.texts))
                let changed = Int.random(in: 0..<panes.count, using: &numbers)
                blocks.change(at: edges[changed])
                panes[changed].texts.append(1000)
                if numbers.once(in: 4) {
                    blocks.forget(edges[0])
                    edges.removeFirst()
                    panes.removeFirst()
                }
            }
        }
    }

    @Test("cost a handful of additions for each window, however long it is")
    func cost() {
        let count = 20_000
        let edges = Deque((0...count).map { Int64($0) * 60_000 + 12 })
        let panes = Deque(repeating: Counted(), count: count)
        for length in [100, 1440, 10_000] {
            var blocks = PaneBlocks<Counted>(unit: 60_000)
            _ = blocks.sum(of: 0..<length, edges: edges, panes: panes)
            Counted.additions = 0
            for start in 1...1000 { _ = blocks.sum(of: start..<(start + length), edges: edges, panes: panes) }
            #expect(Counted.additions <= 1000 * 32, "\(Counted.additions) for windows of \(length)")
        }
    }

    @Test("numbers that come and go are always in order", arguments: [3, 40, 100_000])
    func sortedValues(kinds: Int) {
        var numbers = SeededNumbers(seed: UInt64(kinds))
        var values = SortedValues()
        var plain: [Double] = []
        for step in 0..<6000 {
            if plain.isEmpty || step < 3000 || numbers.once(in: 3) {
                plain.append(Double(Int.random(in: 0..<kinds, using: &numbers)) / 4)
                values.insert(plain[plain.count - 1])
            } else {
                values.remove(plain.remove(at: Int.random(in: 0..<plain.count, using: &numbers)))
            }
            guard step % 500 == 0 else { continue }
            #expect(values.count == plain.count)
            #expect(plain.indices.map { values[$0] } == plain.sorted())
        }
        values.remove(-1)
        #expect(values.count == plain.count)
    }
}
