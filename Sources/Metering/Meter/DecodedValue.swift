/// What registers said: a value, or why there is none.
package struct DecodedValue: Sendable, Hashable {
    /// In the point's unit; not a number where there is none.
    package var value: Double
    /// ``Reason/none`` for a value.
    package var reason: Reason

    /// A value; one that is not finite is none.
    package init(_ value: Double) {
        self.value = value.isFinite ? value : .nan
        reason = value.isFinite ? .none : .notFinite
    }

    /// No value, for this reason.
    package init(bad reason: Reason) {
        value = .nan
        self.reason = reason
    }
}
