import Indicators

extension RateOfChange {
    package func sentence(_ words: PlainWords) -> String {
        let bounds = [
            max.map { "rising by at most \(words.number($0))" },
            min.map { "changing by no less than \(words.number($0))" },
        ].compactMap { $0 }
        return "\(words.what) \(bounds.joined(separator: " and ")) from window to window (\(words.windows))"
    }

    package func finding(_ value: Double, _ limit: Double, _ words: PlainWords) -> String {
        "changed by \(words.number(value, beside: limit)), the limit is \(words.bare(limit))"
    }

    package func warning(_ judged: JudgedWindow, _ words: PlainWords) -> String { words.nearLimit(judged) }

    package func limitsNow(_ found: Nonconformity) -> [Double] { [min, max].compactMap { $0 } }
}
