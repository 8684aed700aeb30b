import Conformity
import Metering
import Testing

@testable import Verification

@Suite("What was believed of a nonconformity until a revision put it right")
struct ComparedHistoryTests {
    private func nonconformity(peak: Double, remark: String?) -> Nonconformity {
        var found = Nonconformity(
            id: "NC-2026-0001", objective: "limit", severity: .major, onset: Instant(milliseconds: 100_000),
            raisedAt: Instant(milliseconds: 110_000), peak: peak, limit: 200, unit: "kW", definition: "{}",
            configurationDigest: String(repeating: "a", count: 64), windows: [], points: [])
        found.condition = .cleared
        found.clearedAt = Instant(milliseconds: Int64(peak) * 1000)
        found.remark = remark
        return found
    }

    @Test(
        "is not held against what was believed in another order of reading; that it was put right is",
        arguments: [
            ("revised", "revised", []), (nil, nil, ["cleared at", "peak"]),
            ("revised", nil, ["remark", "cleared at", "peak"]), (nil, "revised", ["remark", "cleared at", "peak"]),
        ] as [(String?, String?, [String])])
    func compared(stored: String?, made: String?, differing: [String]) {
        let comparison = NonconformityComparison(
            stored: [nonconformity(peak: 210, remark: stored)], made: [nonconformity(peak: 220, remark: made)]
        ) { _ in [] }
        let found = comparison.differences(
            after: nil, through: .distantFuture, cut: nil, deleted: nil, skipping: [])
        #expect(found.map { String($0.sentence.split(separator: ":")[0].split(separator: ", ")[1]) } == differing)
    }
}
