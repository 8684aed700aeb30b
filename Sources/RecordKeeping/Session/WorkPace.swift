import Platform

/// How much of what is computed again is written with one transaction: as much as this machine stores in a moment.
///
/// What follows from values that changed (values over them, verdicts, lines of the journal, the commit) comes after they are computed,
/// takes about as long again, and cannot be cut once they are others: so it is the changes that are counted, and the whole
/// transaction that is measured.
package struct WorkPace {
    private static let longest = Duration.milliseconds(60)
    private static let shortest = Duration.milliseconds(40)

    /// Changed values that one transaction takes at the most.
    package private(set) var values = 256
    /// Nonconformities that it puts right at the most: each has its evidence collected.
    package private(set) var findings = 8

    /// Nothing is known of this machine yet.
    package init() {}

    /// A transaction with so many changed values, and nonconformities put right, took so long in all.
    package mutating func noted(_ duration: Duration, values: Int, findings: Int) {
        if duration > WorkPace.longest {
            if values > 0 { self.values = max(16, min(self.values, values) / 2) }
            if findings > 0 { self.findings = max(1, min(self.findings, findings) / 2) }
        } else if duration < WorkPace.shortest {
            if values >= self.values { self.values = min(8192, self.values * 3 / 2) }
            if findings >= self.findings { self.findings = min(64, self.findings * 2) }
        }
    }
}

/// What one transaction may still do of what is computed again.
package struct WorkPortion {
    /// Until when it computes.
    package let end: MonotonicMoment
    /// How many values it may change.
    package let most: Int
    /// Values that it has changed.
    package var values = 0

    /// All of a transaction is still to be done.
    package init(end: MonotonicMoment, most: Int) { (self.end, self.most) = (end, most) }

    /// Whether the rest is for another transaction.
    package var isOver: Bool { values >= most || MonotonicMoment.now >= end }
}
