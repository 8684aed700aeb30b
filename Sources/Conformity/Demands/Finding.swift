/// What the requirement says of one window, before rows and episodes.
package struct Finding: Sendable {
    var verdict: Verdict
    /// The value shown.
    var value: Double?
    /// The limit shown.
    var limit: Double?
    /// Whether past the limit is below it.
    var isLowerLimit = false
    /// Whether a met window counts for clearing: it is at or past `clear_at`.
    var countsForClearing = true
}
