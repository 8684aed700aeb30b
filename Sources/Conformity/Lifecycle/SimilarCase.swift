/// What else may have the same cause: an objective on other meters that was not met either, listed with a cause to be
/// looked at (Rules 10).
package struct SimilarCase: Sendable, Hashable, Codable {
    /// What makes it like the one at hand.
    package enum Likeness: String, Sendable, Hashable, Codable, CaseIterable {
        /// The same formula over the points of other meters.
        case indicator = "same-indicator"
        /// A meter of the same profile.
        case profile = "same-profile"
        /// A meter of the same supplier.
        case supplier = "same-supplier"
    }

    /// The objective.
    package var objective: String
    /// The meters that it is judged by, and the one at hand is not.
    package var meters: [String]
    package var likeness: [Likeness]
    /// Its nonconformities of the year before.
    package var nonconformities: [String]
    /// Its windows of that year that were not met.
    package var windowsNotMet: Int

    /// A case to be looked at.
    package init(
        objective: String, meters: [String], likeness: [Likeness], nonconformities: [String], windowsNotMet: Int
    ) {
        self.objective = objective
        self.meters = meters
        self.likeness = likeness
        self.nonconformities = nonconformities
        self.windowsNotMet = windowsNotMet
    }
}
