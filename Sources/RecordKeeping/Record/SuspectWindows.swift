import Indicators
import ManagementSystem
import Metering
import Storage

/// Which windows rest on readings that a failed check puts in doubt (Rules 14).
///
/// It is worked out from the checks on record whenever windows are shown: no number changes, and a check that is entered
/// later, or for an earlier day, counts from then on.
package struct SuspectWindows: Sendable {
    /// By indicator of the plan, the doubtful stretches of what it rests on.
    private let stretches: [[Window]]
    private let indices: [String: Int]

    /// What the checks of a record put in doubt for a plan; nothing where the plan is not known.
    package init(_ plan: IndicatorPlan?, _ reader: StoreReader, now: Instant) throws {
        self.init(plan, plan == nil ? [] : try ManagementRecords.doubts(in: reader, now: now))
    }

    /// What those doubts are for a plan.
    package init(_ plan: IndicatorPlan?, _ doubts: [Doubt]) {
        guard let plan, !doubts.isEmpty else {
            (stretches, indices) = ([], [:])
            return
        }
        stretches = plan.indicators.indices.map { index in
            let points = plan.measuredPoints(behind: plan.pointsUsed(by: index)).map { plan.points[Int($0)].name }
            return doubts.filter { points.contains(where: $0.concerns) }.map(\.stretch)
        }
        indices = Dictionary(
            plan.indicators.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether nothing is in doubt.
    package var isEmpty: Bool { stretches.allSatisfy(\.isEmpty) }

    /// The doubtful stretches of what an indicator rests on, by its index in the plan.
    package func stretches(of indicator: Int) -> [Window] {
        stretches.indices.contains(indicator) ? stretches[indicator] : []
    }

    /// Whether a window of an indicator, by its name, shares time with what is in doubt.
    package func contains(_ window: Window, of indicator: String) -> Bool {
        guard let index = indices[indicator] else { return false }
        return stretches[index].contains { $0.overlaps(window) }
    }
}
