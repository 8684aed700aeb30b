/// A sum whose terms may cancel each other: what rounding leaves of nothing is nothing (Rules 5).
///
/// Parts of advances and values held are rounded, as are the decimals that they stand for. Where no more than 2⁻⁵⁰ of what was
/// added, taken without signs, is left, it cannot be told from that: the sum is 0.
package struct CancellingSum: Sendable, Hashable {
    private var sum = CompensatedSum()
    /// What was added, without signs.
    private var amounts = 0.0

    /// Zero.
    package init() {}

    /// Adds one term.
    @inline(__always)
    package mutating func add(_ term: Double) {
        sum.add(term)
        amounts += abs(term)
    }

    /// Adds another sum.
    package mutating func add(_ other: CancellingSum) {
        sum.add(other.sum)
        amounts += other.amounts
    }

    /// The sum, rounded once; 0 where it is nothing but rounding.
    package var value: Double {
        let value = sum.value
        return amounts.isFinite && abs(value) <= amounts * 0x1p-50 ? 0 : value
    }
}
