import Indicators

extension Deviation {
    package func sentence(_ words: PlainWords) -> String {
        let which =
            switch side {
            case .above: "not above"
            case .below: "not below"
            case .both: "neither above nor below"
            }
        return "\(words.what): use \(which) what the model expects (CUSUM of \(words.bare(k)) up to"
            + " \(words.bare(h)) standard errors)"
    }

    package func finding(_ value: Double, _ limit: Double, _ words: PlainWords) -> String {
        "use has deviated from what the model expects by a sum of \(CalendarWords.number(value)) standard errors,"
            + " the limit is \(words.bare(limit))"
    }

    package func warning(_ judged: JudgedWindow, _ words: PlainWords) -> String { words.nearLimit(judged) }

    package func limitsNow(_ found: Nonconformity) -> [Double] { [h] }
}
