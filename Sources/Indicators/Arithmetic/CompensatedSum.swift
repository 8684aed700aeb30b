/// A running sum that keeps what each addition rounded away (Neumaier's variant of Kahan's summation).
package struct CompensatedSum: Sendable, Hashable {
    /// The sum as plain addition has it.
    package private(set) var total = 0.0
    /// What that has rounded away.
    package private(set) var lost = 0.0

    /// Zero.
    package init() {}

    /// A sum as it was left.
    package init(total: Double, lost: Double) {
        self.total = total
        self.lost = lost
    }

    /// Adds one term.
    @inline(__always)
    package mutating func add(_ term: Double) {
        let sum = total + term
        if abs(total) >= abs(term) {
            lost += (total - sum) + term
        } else {
            lost += (term - sum) + total
        }
        total = sum
    }

    /// Adds another sum.
    package mutating func add(_ other: CompensatedSum) {
        add(other.total)
        lost += other.lost
    }

    /// The sum, rounded once.
    package var value: Double { total + lost }
}
