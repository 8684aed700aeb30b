import ConfigurationSource
import Conformity
import Indicators
import Metering

extension PlantReader {
    /// What an objective demands: exactly one kind.
    func readRequirement(_ section: Section, _ index: Int?) -> Requirement? {
        let rule = index.flatMap { rules[$0] }
        let given = DemandKind.allCases.filter { $0.keys.contains { section.has($0) } }
        guard let kind = given.first else {
            log.error(
                section.mark,
                "\(section.name) demands nothing: it needs \(DemandKind.needed)"
            )
            for (key, _) in DemandKind.companions { _ = section.has(key) }
            return nil
        }
        for other in given.dropFirst() {
            for key in other.keys {
                guard let field = section.field(key) else { continue }
                let firstKey = kind.keys.first { section.has($0) } ?? kind.keys[0]
                log.error(field.keyMark, "'\(key)' and '\(firstKey)' are two demands: write two objectives")
            }
        }
        if given.count > 1 {
            for (key, _) in DemandKind.companions { _ = section.has(key) }
            return nil
        }
        for (key, owners) in DemandKind.companions where !owners.kinds.contains(kind) {
            section.refuse([key], owners.reason)
        }
        switch kind {
        case .limits: return readLimits(section, rule)
        case .budget: return readBudget(section, rule, index)
        case .reduction: return readReduction(section, rule)
        case .available: return readAvailable(section, rule)
        case .missing: return readMissing(section, rule)
        case .percentile: return readPercentile(section, rule)
        case .trend: return readTrend(section)
        case .rateOfChange: return readRateOfChange(section)
        case .savings: return readSavings(section, rule, index)
        case .deviation: return readDeviation(section, index)
        }
    }

    private func readLimits(_ section: Section, _ rule: WindowRule?) -> Requirement? {
        let maxField = section.field("max")
        let minField = section.field("min")
        let max = maxField?.number()
        let min = minField?.number()
        if let max, let min, min > max { minField?.error("'min' is above 'max': nothing could ever be met") }
        var warn: Double?
        if let field = section.field("warn"), let value = field.number() {
            warn = value
            if let max, value >= max { field.error("'warn' must be below 'max'") }
            if let min, max == nil, value <= min { field.error("'warn' must be above 'min'") }
            if let min, max != nil, value < min { field.error("'warn' must lie between 'min' and 'max'") }
        }
        let allowField = section.field("allow")
        let allowance = allowField.flatMap { readAllowance($0, rule) }
        if let allowField { warnOfAllowance(allowance, allowField, rule) }
        if maxField != nil && max == nil || minField != nil && min == nil { return nil }
        return .limits(max: max, min: min, warn: warn, allowance: allowance)
    }

    private func readAllowance(_ field: Field, _ rule: WindowRule?) -> Allowance? {
        guard let section = field.section("'allow'") else { return nil }
        defer { section.close() }
        let per = section.required("per").flatMap { readPeriod($0, of: rule) }
        let countField = section.field("count")
        let shareField = section.field("share")
        if countField == nil, shareField == nil { log.error(section.mark, "'allow' has neither 'count' nor 'share'") }
        if countField != nil, let shareField {
            log.error(shareField.keyMark, "'allow' has 'count' or 'share', not both")
        }
        if let countField {
            section.refuse(["of"], "belongs to 'share'")
            guard let count = countField.integer(0...1_000_000_000), let per else { return nil }
            return Allowance(amount: .count(Int(count)), per: per)
        }
        let windows = section.field("of").map { $0.word(Allowance.Windows.self) } ?? .evaluable
        guard let share = shareField?.share(), let per, let windows else { return nil }
        return Allowance(amount: .share(share, of: windows), per: per)
    }

    private func readMissing(_ section: Section, _ rule: WindowRule?) -> Requirement? {
        guard let part = section.field("missing")?.section("'missing'") else { return nil }
        defer { part.close() }
        let count = part.required("count")?.integer(0...1_000_000_000)
        let per = part.required("per").flatMap { readPeriod($0, of: rule) }
        guard let count, let per else { return nil }
        return .missing(Int(count), per: per)
    }

    private func readBudget(_ section: Section, _ rule: WindowRule?, _ index: Int?) -> Requirement? {
        let field = section.field("budget")
        let amount = field?.number()
        let per = section.required("per").flatMap { readPeriod($0, of: rule) }
        if rule?.rolling != nil, let index, let field {
            log.warning(
                field.mark,
                "the windows of '\(indicatorNames[index])' overlap, so a budget counts the same consumption more than once"
            )
        }
        guard let amount, let per else { return nil }
        return .budget(amount, per: per)
    }

    private func readAvailable(_ section: Section, _ rule: WindowRule?) -> Requirement? {
        let share = section.field("available")?.share()
        let per = section.required("per").flatMap { readPeriod($0, of: rule) }
        guard let share, let per else { return nil }
        return .available(share, per: per)
    }

    private func readReduction(_ section: Section, _ rule: WindowRule?) -> Requirement? {
        let reduction = section.field("reduction")?.share()
        guard let field = section.required("baseline") else { return nil }
        let baseline = readBaseline(field, rule)
        guard let reduction, let baseline else { return nil }
        return .reduction(reduction, baseline)
    }

    private func readBaseline(_ field: Field, _ rule: WindowRule?) -> Baseline? {
        guard let section = field.section("'baseline'") else { return nil }
        defer { section.close() }
        if let value = section.field("value") {
            section.refuse(["from", "to", "method"], "does not stand beside 'value'")
            return value.number().map { .value($0) }
        }
        if section.has("model") {
            section.refuse(["from", "to", "method"], "does not stand beside 'model': its period is the model's")
            return .model
        }
        enum Method: String, CaseIterable { case mean, whole }
        let from = section.required("from")?.instant(calendar)
        let toField = section.required("to")
        let to = toField?.instant(calendar)
        let method = section.field("method").map { $0.word(Method.self) } ?? .mean
        guard let from, let to, let toField, let method else { return nil }
        guard from < to else {
            toField.error("'to' must be after 'from'")
            return nil
        }
        let stretch = Window(start: from, end: to)
        if method == .whole { return .whole(over: stretch) }
        if let rule, !hasWindow(rule, inside: stretch) {
            field.warning("no window of the indicator lies wholly inside the baseline's stretch")
        }
        return .mean(over: stretch)
    }

    private func hasWindow(_ rule: WindowRule, inside stretch: Window) -> Bool {
        // Rolling windows begin long before they end: looking for the first one inside could take as many steps as there are.
        if rule.rolling != nil || rule.counted != nil { return rule.nominalLength <= stretch.length }
        return WindowSequence(rule, calendar: calendar).first(startingAtOrAfter: stretch.start).end <= stretch.end
    }
}

/// The kinds of demand, by the keys that say which one an objective has.
private enum DemandKind: CaseIterable {
    case limits, budget, reduction, available, missing, percentile, trend, rateOfChange, savings, deviation

    /// The keys of which each says that it is this kind.
    var keys: [String] {
        switch self {
        case .limits: ["max", "min"]
        case .budget: ["budget"]
        case .reduction: ["reduction"]
        case .available: ["available"]
        case .missing: ["missing"]
        case .percentile: ["percentile"]
        case .trend: ["trend"]
        case .rateOfChange: ["rate_of_change"]
        case .savings: ["savings"]
        case .deviation: ["deviation"]
        }
    }

    /// The keys of which an objective needs one, as they are told.
    static var needed: String {
        let kinds = allCases.map { $0.keys.map { "'\($0)'" }.joined(separator: " or ") }
        return kinds.dropLast().joined(separator: ", ") + " or " + (kinds.last ?? "")
    }

    /// Keys that stand beside those of some kinds only, and what is said of them beside another.
    static let companions: KeyValuePairs<String, (kinds: [DemandKind], reason: String)> = [
        "warn": ([.limits], "belongs to 'max' and 'min'"),
        "allow": ([.limits], "belongs to 'max' and 'min'"),
        "baseline": ([.reduction], "belongs to 'reduction'"),
        "keep": ([.percentile], "belongs to 'percentile'"),
        "confidence": ([.savings], "belongs to 'savings' and inside 'trend'"),
        "per": (
            [.budget, .available, .percentile, .savings],
            "belongs to 'budget', 'available', 'percentile', 'savings' and inside 'allow', 'missing' and 'rate_of_change'"
        ),
    ]
}
