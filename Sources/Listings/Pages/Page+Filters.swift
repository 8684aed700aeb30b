import ConfigurationSource
import PlantAPI
import PlantConfiguration

extension Page {
    /// Whether a row with that value is wanted.
    func wants(_ value: String?, _ filter: RowFilter) -> Bool {
        guard let wanted = query.filters[filter] else { return true }
        return value.map(wanted.contains) ?? false
    }

    /// Throws a ``CommandError`` for a value that no row can have: 64, or 65 where it is no name of this plant.
    func checkFilters() throws {
        for (filter, wanted) in query.filters {
            for value in wanted {
                guard let values = filter.values else {
                    _ = try index(of: value, in: names.objectives.map(\.name), what: "objective")
                    continue
                }
                guard !values.contains(value) else { continue }
                throw CommandError(
                    .usage,
                    "\(filter.rawValue) '\(value)' is not known" + NearestName.hint(for: value, among: values)
                        + ": \(values.joined(separator: ", "))")
            }
        }
    }
}
