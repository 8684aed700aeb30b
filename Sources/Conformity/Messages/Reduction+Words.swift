import Indicators

extension Reduction {
    package func sentence(_ words: PlainWords) -> String {
        "\(words.what) at least \(CalendarWords.share(share)) below the baseline \(baseline(words))"
    }

    private func baseline(_ words: PlainWords) -> String {
        switch from {
        case .value(let value): words.number(value)
        case .mean(let window), .whole(let window): words.stretch(window.start, window.end)
        }
    }

    package func finding(_ value: Double, _ limit: Double, _ words: PlainWords) -> String {
        words.excess(value, limit, name: "target") + ", \(CalendarWords.share(share)) below the baseline"
    }

    package func warning(_ judged: JudgedWindow, _ words: PlainWords) -> String { words.nearLimit(judged) }

    package func limitsNow(_ found: Nonconformity) -> [Double] {
        [found.windows.last?.limit].compactMap { $0 }
    }
}
