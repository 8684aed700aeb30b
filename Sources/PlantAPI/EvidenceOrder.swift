/// What the daemon is asked to prove: a nonconformity, or indicators over a stretch of time.
package struct EvidenceOrder: Codable, Sendable, Hashable {
    package var nonconformity: String?
    /// Written as ``TimeBound`` reads it.
    package var from: String?
    package var to: String?
    package var indicators: [String]?

    /// An order.
    package init(nonconformity: String?, from: String?, to: String?, indicators: [String]?) {
        self.nonconformity = nonconformity
        self.from = from
        self.to = to
        self.indicators = indicators
    }
}
