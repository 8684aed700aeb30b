import Metering

extension Episode {
    /// The nonconformity that this episode repeats: the objective's last one, if it cleared no longer ago than `recurrence` (Rules 10).
    ///
    /// `stored` are the objective's nonconformities in any order, `recurrence` is in milliseconds. What a revision put right never
    /// was, so nothing repeats it. Where windows roll, an onset may lie before the last clearing: that is a recurrence too.
    package func predecessor(among stored: [Nonconformity], within recurrence: Int64) -> Nonconformity? {
        let earlier = stored.filter { $0.onset < onset && !$0.isPutRight }
        guard let last = earlier.max(by: { $0.onset < $1.onset }), let clearedAt = last.clearedAt,
            onset - clearedAt <= recurrence
        else { return nil }
        return last
    }
}

extension Nonconformity {
    /// The remark of a nonconformity that a revision put right.
    package static let revisedRemark = "revised"

    /// Whether a revision found that it never was.
    package var isPutRight: Bool { remark == Nonconformity.revisedRemark }
}
