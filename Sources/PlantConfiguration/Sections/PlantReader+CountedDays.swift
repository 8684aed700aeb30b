import ConfigurationSource
import Conformity
import Indicators
import Metering

/// Windows of the last days that counted: `window: {days: 30, when: INDICATOR}` (Rules 7).
extension PlantReader {
    /// How many days a window has; which indicator counts them is known when all are.
    func readCounted(_ field: Field) -> WindowRule? {
        guard let section = field.section("'window'") else { return nil }
        defer { section.close() }
        let days = section.required("days")?.integer(1...3660)
        countedBy[rules.count] = section.required("when")
        guard let days else { return nil }
        var rule = WindowRule(grid: .day)
        rule.counted = Int(days)
        return rule
    }

    /// By indicator of counted days, the indicator that counts them, where it can be one that does.
    func resolveCounting() {
        for (index, field) in countedBy.sorted(by: { $0.key < $1.key }) {
            guard let name = field.name("the name of a daily indicator") else { continue }
            guard let when = indicatorIndex[name] else {
                log.error(
                    field.mark, "unknown indicator '\(name.prefix(60))'", near: name, among: indicatorNames)
                continue
            }
            guard when < rules.count, let rule = rules[when] else { continue }
            switch (rule.rolling, rule.counted, rule.grid) {
            case (nil, nil, .day), (nil, nil, .beginning(.day)):
                indicators[index].rule.grid = rule.grid
                if rules[index] != nil { rules[index]?.grid = rule.grid }
                counting[index] = when
            default:
                field.error("days are counted by a daily indicator, and the windows of '\(name)' are no days")
            }
        }
    }

    /// Gives each indicator of counted days the hidden one that watches its formula day by day.
    func addWatchedDays() {
        for (index, when) in counting.sorted(by: { $0.key < $1.key }) {
            guard let count = indicators[index].rule.counted else { continue }
            var day = indicators[index]
            (day.name, day.title, day.isHidden) = ("\(day.name)/day", nil, true)
            day.rule = WindowRule(grid: day.rule.grid)
            (day.minCoverage, day.minCount, day.maxMissing) = (nil, nil, nil)
            indicators[index].counted = CountedDays(count, when: when, day: indicators.count)
            indicators.append(day)
        }
    }

    /// What is computed from an indicator would have windows that come and go with the days.
    func refuseCountedSources(_ index: Int, _ field: Field) {
        for source in indicators[index].indicators where source < rules.count && rules[source]?.counted != nil {
            field.error(
                "nothing can be computed from '\(indicatorNames[source])': which windows it has depends on the days that count"
            )
        }
    }

    /// What an objective cannot ask of windows of counted days.
    func refuseOverCounted(_ index: Int?, _ section: Section, _ requirement: Requirement?) {
        guard let index, index < rules.count, rules[index]?.counted != nil else { return }
        section.refuse(["while"], "does not go with windows of counted days: write it at the indicator")
        if case .whole = requirement?.demand.baseline {
            section.field("baseline")?.error(
                "a baseline by the method 'whole' does not go with windows of counted days")
        }
    }
}
