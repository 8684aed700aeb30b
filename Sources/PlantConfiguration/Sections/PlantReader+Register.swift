import ConfigurationSource
import Conformity
import Foundation
import Indicators
import ManagementSystem
import Metering
import Platform

/// The register of the management system, and what of it stands with objectives and meters.
extension PlantReader {
    /// `policy`, `context`, `aspects`, `obligations`, `people`; what they lack is a warning each.
    func readRegister(_ top: Section) {
        register.policy = top.field("policy").flatMap(readPolicy)
        for (name, field) in names(top, "context", "condition") {
            guard let section = field.section("condition '\(name)'") else { continue }
            register.context.append(
                .init(
                    name: name, title: section.field("title")?.text(),
                    isRelevant: section.field("relevant")?.flag() ?? true, reason: section.field("why")?.text()))
            section.close()
        }
        for (name, field) in names(top, "aspects", "aspect") { readAspect(name, field) }
        for (name, field) in names(top, "obligations", "obligation") {
            registerMarks["obligations." + name] = field.keyMark
            guard let section = field.section("obligation '\(name)'") else { continue }
            register.obligations.append(
                .init(
                    name: name, title: section.field("title")?.text(), reference: section.field("reference")?.text(),
                    review: section.field("review").flatMap(readDay)))
            section.close()
        }
        for (name, field) in names(top, "people", "person") {
            guard let section = field.section("person '\(name)'") else { continue }
            register.people.append(
                .init(name: name, title: section.field("title")?.text(), role: section.field("role")?.text()))
            section.close()
        }
        checkDuties()
        tellHoles(top)
    }

    private func readPolicy(_ field: Field) -> EnvironmentalRegister.Policy? {
        registerMarks["policy.policy"] = field.keyMark
        guard let section = field.section("'policy'") else { return nil }
        defer { section.close() }
        let text = section.required("text")?.text()
        let approved = section.field("approved_by")?.text()
        let review = section.field("review").flatMap(readDay)
        return text.map { EnvironmentalRegister.Policy(text: $0, approvedBy: approved, review: review) }
    }

    private func readAspect(_ name: String, _ field: Field) {
        registerMarks["aspects." + name] = field.keyMark
        guard let section = field.section("aspect '\(name)'") else { return }
        defer { section.close() }
        let indicators = (section.field("indicators")?.oneOrMore() ?? []).compactMap { item -> String? in
            guard let name = item.name("the name of an indicator") else { return nil }
            if indicatorIndex[name] != nil { return name }
            log.error(item.mark, "unknown indicator '\(name.prefix(60))'", near: name, among: indicatorNames)
            return nil
        }
        register.aspects.append(
            .init(
                name: name, title: section.field("title")?.text(),
                isSignificant: section.field("significant")?.flag() ?? false,
                situation: section.field("situation")?.word(EnvironmentalRegister.Situation.self) ?? .normal,
                indicators: indicators))
    }

    /// How often a meter is calibrated: `calibrated: 1y`.
    func readInstrument(_ name: String, _ title: String?, _ section: Section) {
        register.instruments.append(.init(name: name, title: title, calibrated: section.field("calibrated")?.length()))
    }

    private func readDay(_ field: Field) -> CivilDate? { field.instant(calendar).map { calendar.date($0) } }

    /// What an objective says of the register: `aspect`, `obligation`, `plan`.
    func readDuty(_ name: String, _ section: Section, _ objective: ObjectiveDefinition) {
        func list(_ key: String) -> [(name: String, field: Field)] {
            (section.field(key)?.oneOrMore() ?? []).compactMap { item in item.text().map { ($0, item) } }
        }
        let aspects = list("aspect")
        let obligations = list("obligation")
        var plan: EnvironmentalRegister.Plan?
        if let part = section.field("plan")?.section("'plan'") {
            plan = EnvironmentalRegister.Plan(
                what: part.required("what")?.text(), resources: part.field("resources")?.text(),
                who: part.field("who")?.text(), when: part.field("when")?.text(),
                evaluated: part.field("evaluated")?.text())
            part.close()
        }
        namedInDuties += aspects.map { ("aspect", $0.name, $0.field) }
        namedInDuties += obligations.map { ("obligation", $0.name, $0.field) }
        registerMarks["objectives." + name] = section.mark
        register.duties.append(
            .init(
                objective: name, title: objective.title, indicator: "", responsible: objective.responsible,
                aspects: aspects.map(\.name), obligations: obligations.map(\.name), plan: plan, meters: []))
        dutyIndicators.append(objective.indicator)
    }

    /// What objectives name must be there; their meters are known once all indicators are.
    private func checkDuties() {
        for (kind, name, field) in namedInDuties {
            let known = kind == "aspect" ? register.aspects.map(\.name) : register.obligations.map(\.name)
            if known.contains(name) || unreadable.contains(kind + "s") { continue }
            log.error(field.mark, "unknown \(kind) '\(name.prefix(60))'", near: name, among: known)
        }
        guard !log.hasErrors else { return }
        let plan = IndicatorPlan(calendar: calendar, points: points, derived: derived, indicators: indicators)
        for (index, indicator) in dutyIndicators.enumerated() {
            let used = plan.measuredPoints(behind: Array(plan.pointsUsed(by: indicator)))
            let names = Set(used.compactMap { plan.points[Int($0)].name.split(separator: ".").first.map(String.init) })
            register.duties[index].indicator = indicators[indicator].name
            register.duties[index].meters = register.instruments.map(\.name).filter(names.contains)
        }
    }

    private func tellHoles(_ top: Section) {
        guard !log.hasErrors else { return }
        let now = Instant(milliseconds: WallClock.milliseconds())
        for hole in register.holes(on: calendar.date(now)) {
            let mark = registerMarks["\(hole.section.rawValue).\(hole.name)"] ?? top.mark
            log.warning(mark, hole.message)
        }
    }
}
