import Indicators

extension Percentile {
    package func sentence(_ words: PlainWords) -> String {
        let limits = tiers.map { "\(told($0)) at most \(words.number($0.max))" }
        return "\(words.what) in the windows (\(words.windows)) of a \(CalendarWords.period(per)): "
            + limits.joined(separator: isEither ? ", or " : ", ")
    }

    private func told(_ tier: Tier) -> String {
        let share = CalendarWords.share(tier.share)
        return tier.isRank ? "the percentile of \(share)" : "\(share) of them"
    }

    package func finding(_ value: Double, _ limit: Double, _ words: PlainWords) -> String {
        let share = tiers.last { $0.max == limit }.map(told) ?? "all of them"
        return "more values over \(words.bare(limit)) than the \(CalendarWords.period(per)) may have"
            + " (\(share) must keep to it), now \(words.number(value, beside: limit))"
    }

    package func warning(_ judged: JudgedWindow, _ words: PlainWords) -> String { words.nearLimit(judged) }

    package func limitsNow(_ found: Nonconformity) -> [Double] { tiers.map(\.max) }
}
