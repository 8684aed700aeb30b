import Indicators

extension Budget {
    package func sentence(_ words: PlainWords) -> String {
        "\(words.what) at most \(words.number(amount)) in a \(CalendarWords.period(per)) (sum of windows: \(words.windows))"
    }

    package func finding(_ value: Double, _ limit: Double, _ words: PlainWords) -> String {
        "\(words.number(value, beside: limit)) used of the budget of \(words.bare(limit)) for the"
            + " \(CalendarWords.period(per))"
    }

    package func warning(_ judged: JudgedWindow, _ words: PlainWords) -> String {
        "\(words.title): \(words.number(judged.value, beside: amount)) used by"
            + " \(CalendarWords.time(judged.window.end, in: words.calendar)); at this rate the budget of"
            + " \(words.number(amount)) for the \(CalendarWords.period(per)) will not do"
    }

    package func limitsNow(_ found: Nonconformity) -> [Double] { [amount] }
}
