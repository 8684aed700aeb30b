/// Which operation counts for a criterion of effectiveness: a test at standstill or at another load proves nothing (Rules 10).
package struct ComparableOperation: Sendable, Hashable {
    /// The point whose mean over a window says how the plant ran; nil: the points of the criterion's indicator say whether it ran
    /// at all.
    package var point: String?
    /// The least time of comparable operation, in milliseconds.
    package var least: Int64

    /// Operation by that point, for at least so long.
    package init(point: String? = nil, least: Int64 = 0) {
        self.point = point
        self.least = least
    }
}
