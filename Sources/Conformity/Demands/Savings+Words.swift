import Indicators

extension Savings {
    package func sentence(_ words: PlainWords) -> String {
        "\(words.what): at least \(CalendarWords.share(share)) of what the model expects of each"
            + " \(CalendarWords.period(per)) saved, \(CalendarWords.share(confidence)) sure"
    }

    package func finding(_ value: Double, _ limit: Double, _ words: PlainWords) -> String {
        "\(CalendarWords.percentage(value)) saved in the \(CalendarWords.period(per)) so far,"
            + " \(CalendarWords.share(share)) is required"
    }

    package func warning(_ judged: JudgedWindow, _ words: PlainWords) -> String {
        "\(words.title): \(judged.value.map(CalendarWords.percentage) ?? "nothing") saved by"
            + " \(CalendarWords.time(judged.window.end, in: words.calendar)), which the model's uncertainty may explain"
    }

    package func limitsNow(_ found: Nonconformity) -> [Double] { [share.value] }
}
