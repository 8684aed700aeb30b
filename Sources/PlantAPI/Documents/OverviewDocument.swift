/// Where each indicator stands, for views that show many at once: the answer of `/v1/overview`.
package struct OverviewDocument: Sendable, Codable {
    /// One indicator, or one point that no indicator is needed for.
    package struct Row: Sendable, Codable {
        package var name: String
        package var title: String?
        package var unit: String?
        /// The newest closed value and its window's end.
        package var value: Double?
        package var end: String?
        package var status: String?
        package var coverage: Double?
        /// The last closed values, the newest last; null where there was none.
        package var recent: [Double?]
        /// The value of the window that is still open.
        package var open: Double?
        /// What the open window is going to come to at the present rate; nil where nobody can say.
        package var projected: Double?
        package var limit: Double?
        package var isLowerLimit: Bool
        package var warning: Double?
        package var objective: String?
        package var verdict: String?

        /// A row; what is not known is nil.
        package init(name: String, title: String?, unit: String?, recent: [Double?] = [], isLowerLimit: Bool = false) {
            (self.name, self.title, self.unit, self.recent, self.isLowerLimit) = (
                name, title, unit, recent, isLowerLimit
            )
        }

        enum CodingKeys: String, CodingKey {
            case name, title, unit, value, end, status, coverage, recent, open, projected, limit, warning, objective,
                verdict
            case isLowerLimit = "lower_limit"
        }
    }

    package var indicators: [Row]

    /// The rows.
    package init(indicators: [Row]) { self.indicators = indicators }
}
