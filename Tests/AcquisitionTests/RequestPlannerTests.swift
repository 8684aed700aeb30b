import Modbus
import Testing

@testable import Acquisition

@Suite("The plan of requests")
struct RequestPlannerTests {
    private func item(_ address: Int, _ count: Int, _ function: ReadFunction = .holdingRegisters) -> ReadItem {
        ReadItem(function: function, address: address, count: count)
    }

    private func spans(_ planner: RequestPlanner, _ items: [ReadItem]) -> [ClosedRange<Int>] {
        planner.plan(Array(items.indices), of: items).map { $0.address...$0.address + $0.count - 1 }
    }

    @Test("values that lie together are one request, up to the limit")
    func together() {
        let items = (0..<100).map { item($0 * 2, 2) }
        #expect(spans(RequestPlanner(), items) == [0...75, 76...199] || spans(RequestPlanner(), items).count == 2)
        #expect(spans(RequestPlanner(maxRegisters: 10), items).count == 20)
    }

    @Test("a value is never cut")
    func neverCut() {
        let items = [item(0, 4), item(4, 4), item(8, 4)]
        #expect(spans(RequestPlanner(maxRegisters: 6), items) == [0...3, 4...7, 8...11])
        #expect(spans(RequestPlanner(maxRegisters: 2), items) == [0...3, 4...7, 8...11])
    }

    @Test("holes are read along only where that is allowed")
    func holes() {
        let items = [item(0, 2), item(10, 2)]
        #expect(spans(RequestPlanner(), items) == [0...11])
        #expect(spans(RequestPlanner(largestGap: 0), items) == [0...1, 10...11])
        #expect(spans(RequestPlanner(largestGap: 7), items).count == 2)
        #expect(spans(RequestPlanner(largestGap: 8), items).count == 1)
    }

    @Test("cells that are refused lie in no request")
    func forbidden() {
        var planner = RequestPlanner()
        planner.forbidden = [ForbiddenCells(function: .holdingRegisters, cells: 5..<6)]
        #expect(spans(planner, [item(0, 2), item(4, 1), item(10, 2)]) == [0...4, 10...11])
        planner.forbidden = [ForbiddenCells(function: .holdingRegisters, cells: 2..<2)]
        #expect(spans(planner, [item(0, 2), item(2, 2)]) == [0...1, 2...3])
    }

    @Test("tables are not mixed, and bits may be sixteen times as many")
    func tables() {
        let items = [item(0, 2), item(2, 2, .inputRegisters), item(0, 1, .coils), item(1999, 1, .coils)]
        let plan = RequestPlanner().plan(Array(items.indices), of: items)
        #expect(plan.map(\.function) == [.coils, .holdingRegisters, .inputRegisters])
        #expect(plan.map(\.count) == [2000, 2, 2])
    }

    @Test("every wanted value lies whole in a request, and no plan is better", arguments: UInt64(1)...60)
    func exact(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<40 {
            let items = (0..<Int.random(in: 1...8, using: &random)).map { _ in
                item(Int.random(in: 0...40, using: &random), Int.random(in: 1...4, using: &random))
            }
            var planner = RequestPlanner(
                maxRegisters: Int.random(in: 4...20, using: &random),
                largestGap: [0, 2, 5, Int.max].randomElement(using: &random) ?? 0)
            if Bool.random(using: &random) {
                let start = Int.random(in: 0...40, using: &random)
                planner.forbidden = [ForbiddenCells(function: .holdingRegisters, cells: start..<start + 1)]
            }
            let plan = planner.plan(Array(items.indices), of: items)
            for (index, wanted) in items.enumerated() {
                #expect(plan.filter { $0.items.contains(index) }.count == 1)
                #expect(
                    plan.contains {
                        $0.items.contains(index) && $0.address <= wanted.address
                            && wanted.end <= $0.address + $0.count
                    })
            }
            #expect(plan.allSatisfy { isAllowed($0.items, items, planner) })
            let cost = (plan.count, plan.reduce(0) { $0 + $1.count })
            #expect(cost == bestCost(items, planner))
        }
    }

    /// Whether one request may bring just these items.
    private func isAllowed(_ set: [Int], _ items: [ReadItem], _ planner: RequestPlanner) -> Bool {
        let chosen = set.map { items[$0] }
        guard let start = chosen.map(\.address).min(), let end = chosen.map(\.end).max() else { return false }
        let wanted = Set(chosen.flatMap { $0.address..<$0.end })
        var gap = 0
        for address in start..<end {
            gap = wanted.contains(address) ? 0 : gap + 1
            if gap > planner.largestGap { return false }
            if gap > 0, planner.forbidden.contains(where: { $0.cells.contains(address) }) { return false }
        }
        return end - start <= planner.maxRegisters || chosen.contains { $0.address == start && $0.end == end }
    }

    /// The best cost over all ways to divide the items among requests.
    private func bestCost(_ items: [ReadItem], _ planner: RequestPlanner) -> (Int, Int) {
        let all = (1 << items.count) - 1
        var cost = [Int](repeating: .max, count: all + 1)
        for set in 1...all {
            let members = items.indices.filter { set & 1 << $0 != 0 }
            guard isAllowed(members, items, planner) else { continue }
            let start = members.map { items[$0].address }.min() ?? 0
            cost[set] = (members.map { items[$0].end }.max() ?? 0) - start
        }
        var best: [(Int, Int)] = Array(repeating: (Int.max, Int.max), count: all + 1)
        best[0] = (0, 0)
        for covered in 0..<all where best[covered].0 < Int.max {
            let free = ~covered & all
            let next = free & -free
            var set = free
            while set > 0 {
                if set & next != 0, cost[set] < Int.max {
                    let candidate = (best[covered].0 + 1, best[covered].1 + cost[set])
                    if candidate < best[covered | set] { best[covered | set] = candidate }
                }
                set = (set - 1) & free
            }
        }
        return best[all]
    }
}
