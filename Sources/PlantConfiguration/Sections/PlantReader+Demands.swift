import ConfigurationSource
import Conformity
import Indicators
import Metering

/// The kinds of demand that look at more than one window, or at a model.
extension PlantReader {
    func readPercentile(_ section: Section, _ rule: WindowRule?) -> Requirement? {
        guard let field = section.field("percentile") else { return nil }
        var tiers: [Percentile.Tier] = []
        var isFaulty = false
        for item in field.oneOrMore() {
            guard let part = item.section("a tier of 'percentile'") else {
                isFaulty = true
                continue
            }
            let rankField = part.field("q")
            let shareField = rankField ?? part.required("share")
            if rankField != nil { part.refuse(["share"], "does not stand beside 'q'") }
            let share = rankField == nil ? shareField?.share() : rankField?.percentile()
            let max = part.required("max")?.number()
            part.close()
            guard let share, let max else {
                isFaulty = true
                continue
            }
            if share.numerator == 0 { shareField?.error("a share of 0 demands nothing") }
            if let last = tiers.last, max <= last.max || share.value <= last.share.value {
                shareField?.error("tiers stand in ascending order: a higher 'max' is kept by a greater 'share'")
            }
            tiers.append(Percentile.Tier(share: share, isRank: rankField != nil, max: max))
        }
        if tiers.isEmpty, !isFaulty { field.error("'percentile' needs at least one tier, {share: 97%, max: 200}") }
        enum Keep: String, CaseIterable { case all, any }
        let keep = section.field("keep").map { $0.word(Keep.self) } ?? .all
        guard let per = section.required("per").flatMap({ readPeriod($0, of: rule) }), let keep, !tiers.isEmpty,
            !isFaulty
        else {
            return nil
        }
        return .percentile(Percentile(tiers: tiers, isEither: keep == .any, per: per))
    }

    func readTrend(_ section: Section) -> Requirement? {
        guard let part = section.field("trend")?.section("'trend'") else { return nil }
        defer { part.close() }
        let windows = part.required("windows")?.integer(4...1000)
        let bounds = readBounds(part)
        let confidence = part.field("confidence").map(readConfidence) ?? ExactFraction(95, 100)
        guard let windows, let bounds, let confidence else { return nil }
        return .trend(Trend(windows: Int(windows), max: bounds.max, min: bounds.min, confidence: confidence))
    }

    func readRateOfChange(_ section: Section) -> Requirement? {
        guard let part = section.field("rate_of_change")?.section("'rate_of_change'") else { return nil }
        defer { part.close() }
        let perField = part.field("per")
        let length = perField?.length()
        let bounds = readBounds(part)
        guard let bounds, perField == nil || length != nil else { return nil }
        let per = length.map { RateOfChange.Span(milliseconds: $0.nominalMilliseconds, name: name(of: $0)) }
        return .rateOfChange(RateOfChange(max: bounds.max, min: bounds.min, per: per))
    }

    /// `h` of `1h`, and `15m` as it stands.
    private func name(of length: CalendarLength) -> String {
        let text = "\(length)"
        return text.hasPrefix("1") && text.dropFirst().first?.isLetter == true ? String(text.dropFirst()) : text
    }

    func readSavings(_ section: Section, _ rule: WindowRule?, _ index: Int?) -> Requirement? {
        let field = section.field("savings")
        let share = field?.share()
        let per = section.required("per").flatMap { readPeriod($0, of: rule) }
        let confidence = section.field("confidence").map(readConfidence) ?? ExactFraction(90, 100)
        guard let field, needsSavings(index, field), let share, let per, let confidence else { return nil }
        return .savings(Savings(share: share, per: per, confidence: confidence))
    }

    func readDeviation(_ section: Section, _ index: Int?) -> Requirement? {
        guard let field = section.field("deviation"), let part = field.section("'deviation'") else { return nil }
        defer { part.close() }
        let hField = part.field("h")
        let kField = part.field("k")
        let h = hField.map { $0.positive() } ?? 5
        let k = kField.map { $0.positive() } ?? 0.5
        let side = part.field("side").map { $0.word(Deviation.Side.self) } ?? .both
        guard needsSavings(index, field), let h, let k, let side else { return nil }
        return .deviation(Deviation(h: h, k: k, side: side))
    }

    private func readBounds(_ part: Section) -> (max: Double?, min: Double?)? {
        let maxField = part.field("max")
        let minField = part.field("min")
        if maxField == nil, minField == nil { log.error(part.mark, "\(part.name) has neither 'max' nor 'min'") }
        let (max, min) = (maxField?.number(), minField?.number())
        if let max, let min, min > max { minField?.error("'min' is above 'max': nothing could ever be met") }
        guard max != nil || min != nil, (maxField == nil) == (max == nil), (minField == nil) == (min == nil) else {
            return nil
        }
        return (max, min)
    }

    private func readConfidence(_ field: Field) -> ExactFraction? {
        guard let share = field.share() else { return nil }
        if share.value >= 0.5, share.value < 1 { return share }
        field.error("'confidence' takes a share from 50 % to below 100 %")
        return nil
    }

    /// Whether the objective's indicator gives the savings of a model.
    private func needsSavings(_ index: Int?, _ field: Field) -> Bool {
        guard let index, rules[index] != nil else { return index != nil }
        if indicators[index].model?.result == .savings { return true }
        field.error("'\(field.key)' judges the savings of a model: its indicator needs 'model: {…, gives: savings}'")
        return false
    }

    /// The indicator that gives what the model named by `baseline: {model: …}` expects.
    func readBaselineModel(_ field: Field, of name: String, over index: Int) -> Int? {
        guard let section = field.section("'baseline'"), let named = section.field("model"),
            let text = named.name("the name of an indicator with a model")
        else { return nil }
        guard let other = indicatorIndex[text] else {
            log.error(named.mark, "unknown indicator '\(text.prefix(60))'", near: text, among: indicatorNames)
            return nil
        }
        guard let model = indicators[other].model else {
            if rules[other] != nil { named.error("'\(text)' has no model") }
            return nil
        }
        guard model.subject == index else {
            named.error(
                "the model of '\(text)' explains '\(indicatorNames[model.subject])', and the objective judges "
                    + "'\(indicatorNames[index])'")
            return nil
        }
        if model.result == .predicted { return other }
        var expected = indicators[other]
        (expected.name, expected.title, expected.isHidden) = ("\(name)/model", nil, true)
        expected.model?.result = .predicted
        indicators.append(expected)
        return indicators.count - 1
    }
}

extension Field {
    /// A percentile, from above 0 to 100.
    fileprivate func percentile() -> ExactFraction? {
        guard let text = node.scalar?.text, let share = ExactFraction(text + "%"), share.numerator > 0,
            share.numerator <= share.denominator
        else {
            error("\(label) takes a percentile above 0, up to 100")
            return nil
        }
        return share
    }
}
