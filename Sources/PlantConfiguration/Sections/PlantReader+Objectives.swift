import ConfigurationSource
import Conformity
import Indicators
import Metering

extension PlantReader {
    /// The objectives, each with a hidden indicator for its `while`.
    func readObjectives(_ top: Section) {
        for (name, field) in names(top, "objectives", "objective") {
            guard let section = field.section("objective '\(name)'") else { continue }
            if let objective = readObjective(name, field, section) { objectives.append(objective) }
            section.close()
        }
    }

    private func readObjective(_ name: String, _ field: Field, _ section: Section) -> ObjectiveDefinition? {
        let index = section.required("indicator").flatMap(readIndicatorName)
        let requirement = readRequirement(section, index)
        var objective = ObjectiveDefinition(
            name: name, indicator: index ?? 0,
            requirement: requirement ?? .limits(max: nil, min: nil, warn: nil, allowance: nil))
        objective.title = section.field("title")?.text()
        was.objectives[name] = formerName(section)
        if let field = section.field("decimals") { objective.decimals = field.integer(0...12).map(Int.init) }
        if let windows = section.field("for")?.integer(1...1_000_000) { objective.raiseAfter = Int(windows) }
        if let windows = section.field("clear_after")?.integer(1...1_000_000) { objective.clearAfter = Int(windows) }
        objective.clearAt = section.field("clear_at").flatMap { readClearAt($0, requirement) }
        if let severity = section.field("severity")?.word(Severity.self) { objective.severity = severity }
        objective.reference = section.field("reference")?.text()
        objective.responsible = section.field("responsible")?.text()
        if let recurrence = section.field("recurrence")?.duration(0...WrittenDuration.longest) {
            objective.recurrence = recurrence
        }
        objective.active = section.field("active").flatMap(readActive)
        refuseOverCounted(index, section, requirement)
        objective.during = section.field("during").flatMap(readDuring)
        if let condition = section.field("while").flatMap(condition), let index {
            objective.guardIndicator = addGuard(condition, of: name, over: index, section)
        }
        if requirement?.demand.baseline == .model, let index {
            objective.modelIndicator = section.field("baseline").flatMap {
                readBaselineModel($0, of: name, over: index)
            }
            if objective.modelIndicator == nil { return nil }
        }
        objective.source = CanonicalJSON(field.node, name: name).canonicalText
        if index != nil { readDuty(name, section, objective) }
        return index == nil || requirement == nil ? nil : objective
    }

    private func readIndicatorName(_ field: Field) -> Int? {
        guard let name = field.name("the name of an indicator") else { return nil }
        if let index = indicatorIndex[name] { return index }
        if unreadable.contains("indicators") { return nil }
        if name.contains(".") {
            refusePoint(name, field)
            return nil
        }
        log.error(field.mark, "unknown indicator '\(name.prefix(60))'", near: name, among: indicatorNames)
        return nil
    }

    /// Objectives judge what is made of readings, window by window: how that is written for the point that somebody named.
    private func refusePoint(_ name: String, _ field: Field) {
        let isKnown = pointIndex[name] != nil
        let near = isKnown ? name : NearestName.nearest(to: name, among: points.map(\.name)) ?? name
        let aggregate = pointIndex[near].map { points[Int($0)].kind } == .counter ? "delta" : "mean"
        let indicator = String(near.map { $0 == "." ? "_" : $0 })
        let example = Identifier.isValid(indicator) ? indicator : "name"
        field.error(
            "'\(name.prefix(60))' is the name of a point, and objectives judge indicators: write one, such as "
                + "indicators: {\(example): {window: 1h, formula: \(aggregate)(\(near.prefix(60)))}}, and here 'indicator: \(example)'"
        )
    }

    /// The hours in which an objective's `while` holds are an indicator of their own, over the same windows.
    private func addGuard(_ condition: Condition<PointIndex>, of name: String, over index: Int, _ section: Section)
        -> Int
    {
        let text = section.field("while")?.node.scalar?.text ?? ""
        indicators.append(
            IndicatorDefinition(
                name: "\(name)/while", unit: "h", rule: indicators[index].rule, formula: .leaf(.hours(condition)),
                formulaText: "hours(\(text))", minCoverage: nil, grace: indicators[index].grace, isHidden: true))
        return indicators.count - 1
    }

    private func readActive(_ field: Field) -> Window? {
        guard let section = field.section("'active'") else { return nil }
        let from = section.field("from").map { $0.instant(calendar) } ?? .distantPast
        let untilField = section.field("until")
        let until = untilField.map { $0.instant(calendar) } ?? .distantFuture
        if section.keys.isEmpty { field.error("'active' takes 'from', 'until', or both") }
        section.close()
        guard let from, let until else { return nil }
        guard from < until else {
            untilField?.error("'until' must be after 'from'")
            return nil
        }
        return Window(start: from, end: until)
    }

    private func readClearAt(_ field: Field, _ requirement: Requirement?) -> Double? {
        let clearAt: Double?
        switch requirement?.demand.shown {
        case .share: clearAt = field.share()?.value
        case .indicator, .windows, .change, .number, nil: clearAt = field.number()
        }
        guard let clearAt else { return nil }
        if let fault = requirement?.demand.fault(ofClearAt: clearAt) { field.error(fault) }
        return clearAt
    }
}
