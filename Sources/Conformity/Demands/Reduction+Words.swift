import Indicators

extension Reduction {
    package func sentence(_ words: PlainWords) -> String {
        "\(words.what) at least \(CalendarWords.share(share)) below \(baseline(words))"
    }

    private func baseline(_ words: PlainWords) -> String {
        switch from {
        case .value(let value): "the baseline \(words.number(value))"
        case .mean(let window), .whole(let window): "the baseline \(words.stretch(window.start, window.end))"
        case .model: "what its baseline model expects"
        }
    }

    package func finding(_ value: Double, _ limit: Double, _ words: PlainWords) -> String {
        words.excess(value, limit, name: "target") + ", \(CalendarWords.share(share)) below "
            + (from == .model ? "what its model expects" : "the baseline")
    }

    package func warning(_ judged: JudgedWindow, _ words: PlainWords) -> String { words.nearLimit(judged) }

    package func limitsNow(_ found: Nonconformity) -> [Double] {
        [found.windows.last?.limit].compactMap { $0 }
    }
}
