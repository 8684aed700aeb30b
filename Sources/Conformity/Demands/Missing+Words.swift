import Indicators

extension Missing {
    package func sentence(_ words: PlainWords) -> String {
        "\(words.what): at most \(CalendarWords.windowCount(Double(count))) (\(words.windows)) lost in a"
            + " \(CalendarWords.period(per))"
    }

    package func finding(_ value: Double, _ limit: Double, _ words: PlainWords) -> String {
        "\(CalendarWords.windowCount(value)) without a valid value in the \(CalendarWords.period(per)),"
            + " \(words.bare(limit)) may be lost"
    }

    package func warning(_ judged: JudgedWindow, _ words: PlainWords) -> String { words.nearLimit(judged) }

    package func limitsNow(_ found: Nonconformity) -> [Double] { [Double(count)] }
}
