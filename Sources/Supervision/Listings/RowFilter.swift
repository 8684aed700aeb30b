import Conformity
import Metering
import PlantConfiguration

/// A column whose value decides which rows of a listing are wanted; the word is the option and the query key.
package enum RowFilter: String, Sendable, Hashable, CaseIterable {
    case state, condition, severity, objective, verdict, quality

    /// The listings that have the column.
    var subjects: Set<Inquiry.Subject> {
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

extension Page {
    /// Whether a row with that value is wanted.
    func wants(_ value: String?, _ filter: RowFilter) -> Bool {
        guard let wanted = inquiry.filters[filter] else { return true }
        return value.map(wanted.contains) ?? false
    }

    /// Throws a ``Complaint`` for a value that no row can have: 64, or 65 where it is no name of this plant.
    func checkFilters() throws {
        for (filter, wanted) in inquiry.filters {
            for value in wanted {
                guard let values = filter.values else {
                    _ = try index(of: value, in: names.objectives.map(\.name), what: "objective")
                    continue
                }
                guard !values.contains(value) else { continue }
                throw Complaint(
                    .usage,
                    "\(filter.rawValue) '\(value)' is not known" + NearestName.hint(for: value, among: values)
                        + ": \(values.joined(separator: ", "))")
            }
        }
    }
}
