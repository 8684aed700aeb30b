import Indicators

extension Availability {
    package func sentence(_ words: PlainWords) -> String {
        "\(words.what) measured for at least \(CalendarWords.share(share)) of each \(CalendarWords.period(per))"
    }

    package func finding(_ value: Double, _ limit: Double, _ words: PlainWords) -> String {
        "only \(CalendarWords.percentage(value)) of the \(CalendarWords.period(per)) can still be measured,"
            + " \(CalendarWords.share(share)) is required"
    }

    package func warning(_ judged: JudgedWindow, _ words: PlainWords) -> String { words.nearLimit(judged) }

    package func limitsNow(_ found: Nonconformity) -> [Double] { [share.value] }
}
