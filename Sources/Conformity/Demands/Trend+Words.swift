import Indicators

extension Trend {
    package func sentence(_ words: PlainWords) -> String {
        let bounds = [
            max.map { "rising by at most \(words.number($0))" },
            min.map { "falling by no more than \(words.number($0))" },
        ].compactMap { $0 }
        return "\(words.what) \(bounds.joined(separator: " and ")) over \(windows) windows (\(words.windows),"
            + " \(CalendarWords.share(confidence)) sure)"
    }

    package func finding(_ value: Double, _ limit: Double, _ words: PlainWords) -> String {
        "\(value < limit ? "falling" : "rising") by \(words.number(value, beside: limit)) over \(windows) windows,"
            + " the limit is \(words.bare(limit))"
    }

    package func warning(_ judged: JudgedWindow, _ words: PlainWords) -> String { words.nearLimit(judged) }

    package func limitsNow(_ found: Nonconformity) -> [Double] { [min, max].compactMap { $0 } }
}
