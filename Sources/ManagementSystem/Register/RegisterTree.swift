import Metering

/// The register as one tree: policy, aspects, obligations, objectives under them, indicators and meters.
package struct RegisterTree: Sendable {
    /// One line of it.
    package struct Line: Sendable, Hashable {
        /// How deep it stands, from 0.
        package var depth: Int
        /// `policy`, `aspect`, `obligation`, `objective`, `indicator`, `meter`, `person`, `condition`.
        package var kind: String
        package var name: String
        package var title: String?
        package var detail: String?
        /// What it lacks.
        package var gap: String?
    }

    /// In order.
    package private(set) var lines: [Line] = []

    private let holes: [RegisterHole]
    private let checks: [CalibrationRecord]
    private let calendar: SiteCalendar

    /// The tree of a register with what it lacks, and the checks of its meters in the order of time.
    package init(
        _ register: EnvironmentalRegister, holes: [RegisterHole], checks: [CalibrationRecord], in calendar: SiteCalendar
    ) {
        (self.holes, self.checks, self.calendar) = (holes, checks, calendar)
        if register.isKept, register.policy == nil { add(0, "policy", "policy", nil, []) }
        if let policy = register.policy {
            let review = policy.review.map { "review by \($0.text)" }
            add(0, "policy", "policy", policy.text, [policy.approvedBy.map { "approved by \($0)" }, review])
        }
        for condition in register.context {
            add(
                0, "condition", condition.name, condition.title,
                [condition.isRelevant ? "relevant" : "not relevant", condition.reason])
        }
        var told: Set<String> = []
        for aspect in register.aspects {
            let own = register.duties.filter { $0.aspects.contains(aspect.name) }
            add(
                0, "aspect", aspect.name, aspect.title,
                [aspect.isSignificant ? "significant" : nil, aspect.situation.rawValue])
            for indicator in aspect.indicators where !own.contains(where: { $0.indicator == indicator }) {
                add(1, "indicator", indicator, nil, [])
            }
            for duty in own { add(duty, 1, register, &told) }
        }
        for obligation in register.obligations {
            let review = obligation.review.map { "review by \($0.text)" }
            add(0, "obligation", obligation.name, obligation.title, [obligation.reference, review])
            for duty in register.duties where duty.obligations.contains(obligation.name) {
                add(duty, 1, register, &told)
            }
        }
        for duty in register.duties where !told.contains(duty.objective) { add(duty, 0, register, &told) }
        for person in register.people { add(0, "person", person.name, person.title, [person.role]) }
    }

    private mutating func add(
        _ duty: EnvironmentalRegister.Duty, _ depth: Int, _ register: EnvironmentalRegister, _ told: inout Set<String>
    ) {
        let plan = duty.plan
        add(
            depth, "objective", duty.objective, duty.title,
            [
                duty.responsible, plan?.what.map { "plan: \($0)" }, plan?.who.map { "by \($0)" },
                plan?.when.map { "until \($0)" }, plan?.resources.map { "with \($0)" },
                plan?.evaluated.map { "evaluated by \($0)" },
            ])
        // What stands under two of them is told in whole once.
        guard told.insert(duty.objective).inserted else { return }
        add(depth + 1, "indicator", duty.indicator, nil, [])
        for meter in register.instruments where duty.meters.contains(meter.name) {
            add(
                depth + 2, "meter", meter.name, meter.title,
                [meter.calibrated.map { "calibrated every \($0)" }] + last(of: meter.name))
        }
    }

    private func last(of meter: String) -> [String?] {
        guard let check = checks.last(where: { $0.meter == meter }) else { return [] }
        func day(_ time: Int64) -> String { calendar.date(Instant(milliseconds: time)).text }
        return ["last \(day(check.date)) (\(check.asFound.rawValue))", check.due.map { "due \(day($0))" }]
    }

    private mutating func add(_ depth: Int, _ kind: String, _ name: String, _ title: String?, _ details: [String?]) {
        let detail = details.compactMap { $0 }.joined(separator: "; ")
        let sections: [String: RegisterHole.Section] = [
            "policy": .policy, "aspect": .aspects, "obligation": .obligations, "objective": .objectives,
            "meter": .meters,
        ]
        let gaps = holes.filter { $0.section == sections[kind] && $0.name == name }.map(\.message)
        lines.append(
            Line(
                depth: depth, kind: kind, name: name, title: title, detail: detail.isEmpty ? nil : detail,
                gap: gaps.isEmpty ? nil : gaps.joined(separator: "; ")))
    }
}
