import Foundation

/// The trend of values that follow each other: Theil-Sen's slope with the test of Mann and Kendall (Rules 9).
package struct TheilSen: Sendable, Hashable {
    /// Median of the slopes between any two values, per step.
    package let slope: Double
    /// Rising pairs less falling pairs.
    package let score: Int
    /// How likely such a score is, to either side, where there is no trend: by the normal distribution, with ties and a step
    /// of continuity.
    package let p: Double

    /// The trend of values one step apart, of which some may be missing; nil for fewer than two.
    package init?(_ values: [Double?]) {
        let known = values.enumerated().compactMap { index, value in value.map { (index, $0) } }
        guard known.count > 1 else { return nil }
        let ranks = TheilSen.ranks(of: known.map(\.1))
        var slopes: [Double] = []
        slopes.reserveCapacity(known.count * (known.count - 1) / 2)
        var score = 0
        for later in known.indices {
            for earlier in 0..<later {
                let rise = ranks[later] == ranks[earlier] ? 0 : known[later].1 - known[earlier].1
                slopes.append(rise / Double(known[later].0 - known[earlier].0))
                score += (ranks[later] - ranks[earlier]).signum()
            }
        }
        slopes.sort()
        let middle = slopes.count / 2
        slope = slopes.count % 2 == 1 ? slopes[middle] : (slopes[middle - 1] + slopes[middle]) / 2
        self.score = score
        let ties = Dictionary(grouping: ranks) { $0 }.values.map { TheilSen.weight($0.count) }
        let variance = (TheilSen.weight(known.count) - ties.reduce(0, +)) / 18
        let z = variance > 0 ? Double(score - score.signum()) / variance.squareRoot() : 0
        p = Distribution.normalTwoSided(z)
    }

    /// The place of each value in their order; values that differ in their last digits alone, as computed means do, share it.
    private static func ranks(of values: [Double]) -> [Int] {
        var ranks = [Int](repeating: 0, count: values.count)
        let digit = 1e-12 * (values.map(abs).max() ?? 0)
        var (rank, before) = (0, Double?.none)
        for index in values.indices.sorted(by: { values[$0] < values[$1] }) {
            if let before, values[index] - before > digit { rank += 1 }
            (ranks[index], before) = (rank, values[index])
        }
        return ranks
    }

    private static func weight(_ count: Int) -> Double { Double(count) * Double(count - 1) * Double(2 * count + 5) }
}
