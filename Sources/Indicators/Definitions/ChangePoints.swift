/// Where a model of a temperature has its bends (Rules 12): below one it heats, above the other it cools.
package struct ChangePoints: Sendable, Hashable {
    /// The model rises below it; nil: no heating.
    package var heating: Double?
    /// The model rises above it; nil: no cooling.
    package var cooling: Double?

    /// How far a temperature lies below the one and above the other.
    package func columns(_ temperature: Double) -> [Double] {
        [heating.map { max(0, $0 - temperature) }, cooling.map { max(0, temperature - $0) }].compactMap { $0 }
    }

    /// The model with the smallest squares, its bends on a grid of half a degree; of equal ones that with the lower bends. Nil
    /// where no bend leaves three rows on each of its sides that are modelled.
    static func fitted(
        _ values: [Double], temperatures: [Double], _ shape: BaselineModel.Shape
    ) -> (points: ChangePoints, regression: LinearRegression)? {
        guard let least = temperatures.min(), let greatest = temperatures.max(), greatest - least <= longest else {
            return nil
        }
        let grid = stride(from: (least / step).rounded(.up), through: (greatest / step).rounded(.down), by: 1)
            .map { $0 * step }
        let heats = grid.filter { bend in temperatures.count { $0 < bend } >= leastRows }
        let cools = grid.filter { bend in temperatures.count { $0 > bend } >= leastRows }
        let candidates: [ChangePoints] =
            switch shape {
            case .linear: []
            case .heating: heats.map { ChangePoints(heating: $0, cooling: nil) }
            case .cooling: cools.map { ChangePoints(heating: nil, cooling: $0) }
            case .bend: heats.filter(cools.contains).map { ChangePoints(heating: $0, cooling: $0) }
            case .both:
                heats.flatMap { low in
                    cools.filter { $0 >= low }.map { ChangePoints(heating: low, cooling: $0) }
                }
            }
        var best: (points: ChangePoints, regression: LinearRegression)?
        for points in candidates {
            let rows = temperatures.map(points.columns)
            let columns = (rows.first ?? []).indices.map { index in rows.map { $0[index] } }
            let bends = points.heating == points.cooling ? 1 : columns.count
            guard let found = LinearRegression(values, drivers: columns, changePoints: bends) else { continue }
            if best.map({ found.unexplained < $0.regression.unexplained }) ?? true { best = (points, found) }
        }
        return best
    }

    private static let step = 0.5
    private static let leastRows = 3
    /// A driver that spans more is no temperature, and the grid would have no end.
    private static let longest = 150.0
}
