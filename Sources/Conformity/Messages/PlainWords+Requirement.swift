import Indicators
import Metering

extension PlainWords {
    /// What the objective demands, as one sentence without a full stop.
    package var requirement: String {
        let what = indicator.title ?? indicator.name
        let windows = CalendarWords.windows(indicator.rule)
        var sentence: String
        switch objective.requirement {
        case .limits(let max, let min, let warn, let allowance):
            let range: String
            switch (max, min) {
            case (let max?, let min?): range = "from \(bare(min)) to \(number(max))"
            case (let max?, nil): range = "at most \(number(max))"
            case (nil, let min?): range = "at least \(number(min))"
            case (nil, nil): range = "any value"
            }
            sentence = "\(what) \(range) in each window (\(windows))"
            if let warn { sentence += ", warning \(max == nil ? "below" : "above") \(bare(warn))" }
            if let allowance { sentence += ", exceeded at most \(CalendarWords.allowance(allowance))" }
        case .budget(let amount, let per):
            sentence =
                "\(what) at most \(number(amount)) in a \(CalendarWords.period(per)) (sum of windows: \(windows))"
        case .reduction(let reduction, let baseline):
            sentence = "\(what) at least \(CalendarWords.share(reduction)) below the baseline \(words(of: baseline))"
        case .available(let share, let per):
            sentence =
                "\(what) measured for at least \(CalendarWords.share(share)) of each \(CalendarWords.period(per))"
        }
        if objective.raiseAfter > 1 { sentence += ", not \(objective.raiseAfter) windows in a row otherwise" }
        return sentence
    }

    private func words(of baseline: Baseline) -> String {
        switch baseline {
        case .value(let value): number(value)
        case .mean(let window), .whole(let window): stretch(window.start, window.end)
        }
    }
}
