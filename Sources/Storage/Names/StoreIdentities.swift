import DatabaseFile
import Metering

/// The names that are in force and the database's own numbers behind them.
package struct StoreIdentities: Sendable {
    package let names: StoreNames
    /// The database's number of each point, in plan order; 0 where a read-only database does not have the name.
    package let points: [Int64]
    /// The same of indicators.
    package let indicators: [Int64]
    /// The same of objectives.
    package let objectives: [Int64]
    /// The plan's index by the database's number of a point; -1 for points that are no longer in the plan.
    private let indices: [PointIndex]

    init(names: StoreNames = StoreNames(), points: [Int64] = [], indicators: [Int64] = [], objectives: [Int64] = []) {
        self.names = names
        self.points = points
        self.indicators = indicators
        self.objectives = objectives
        var indices = [PointIndex](repeating: -1, count: Int(points.max() ?? 0) + 1)
        for (index, id) in points.enumerated() where id > 0 { indices[Int(id)] = PointIndex(index) }
        self.indices = indices
    }

    /// The plan's index of a point; -1 where it is not in the plan.
    package func index(ofPoint id: Int64) -> PointIndex { id > 0 && id < indices.count ? indices[Int(id)] : -1 }

    /// The database's number of a point.
    package func point(_ index: PointIndex) throws -> Int64 { try StoreIdentities.look(points, Int(index), "point") }

    /// The database's number of an indicator.
    package func indicator(_ index: Int) throws -> Int64 { try StoreIdentities.look(indicators, index, "indicator") }

    /// The database's number of an objective.
    package func objective(_ index: Int) throws -> Int64 { try StoreIdentities.look(objectives, index, "objective") }

    private static func look(_ list: [Int64], _ index: Int, _ what: String) throws -> Int64 {
        guard list.indices.contains(index) else {
            throw StoreFault(
                .refused, "\(what) \(index) is none of the \(list.count) that the database knows: adopt the plan first")
        }
        return list[index]
    }
}
