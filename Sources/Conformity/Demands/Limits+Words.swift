import Indicators

extension Limits {
    package func sentence(_ words: PlainWords) -> String {
        let range: String
        switch (max, min) {
        case (let max?, let min?): range = "from \(words.bare(min)) to \(words.number(max))"
        case (let max?, nil): range = "at most \(words.number(max))"
        case (nil, let min?): range = "at least \(words.number(min))"
        case (nil, nil): range = "any value"
        }
        var sentence = "\(words.what) \(range) in each window (\(words.windows))"
        if let warn { sentence += ", warning \(max == nil ? "below" : "above") \(words.bare(warn))" }
        if let allowance { sentence += ", exceeded at most \(CalendarWords.allowance(allowance))" }
        return sentence
    }

    package func finding(_ value: Double, _ limit: Double, _ words: PlainWords) -> String {
        let more = allowance.map { ", more often than \(CalendarWords.allowance($0))" } ?? ""
        return words.excess(value, limit, name: "limit") + more
    }

    package func warning(_ judged: JudgedWindow, _ words: PlainWords) -> String {
        guard let warn else { return words.nearLimit(judged) }
        let side = judged.value.map { $0 < warn } ?? false ? "below" : "above"
        return
            "\(words.title): \(words.number(judged.value, beside: warn)) \(side) the warning level \(words.bare(warn))"
            + " \(words.stretch(judged.window.start, judged.window.end)); the limit is \(words.bare(judged.limit))"
    }

    package func limitsNow(_ found: Nonconformity) -> [Double] { [min, max].compactMap { $0 } }
}
