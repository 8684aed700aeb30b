import Conformity
import Metering

/// A column whose value decides which rows of a listing are wanted; the word is the option and the query key.
package enum RowFilter: String, Sendable, Hashable, CaseIterable {
    case state, condition, severity, objective, verdict, quality

    /// The listings that have the column.
    var listings: Set<ListingQuery.Listing> {
        switch self {
        case .state, .condition, .severity, .objective: [.nonconformities]
        case .verdict: [.objectives]
        case .quality: [.points, .meters, .readings]
        }
    }

    /// The values that there are; nil where they are names of this plant.
    package var values: [String]? {
        switch self {
        case .state: NonconformityState.allCases.map(\.rawValue)
        case .condition: Nonconformity.Condition.allCases.map(\.rawValue)
        case .severity: Severity.allCases.map(\.rawValue)
        case .verdict: Verdict.allCases.map(\.text)
        case .quality: Quality.allCases.map(\.text)
        case .objective: nil
        }
    }
}
