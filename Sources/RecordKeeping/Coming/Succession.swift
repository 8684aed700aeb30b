import Conformity
import Indicators
import Metering
import PlantConfiguration
import Storage

/// What one configuration leaves to the next: where its definitions end, and its nonconformities that last (Rules 13).
package struct Succession {
    package let old: Plant
    package let new: Plant
    package let difference: PlantDifference
    /// The version of the old one.
    package let version: Int
    /// From when the new one is in force.
    package let since: Instant

    /// What one plant leaves to the next.
    package init(old: Plant, new: Plant, difference: PlantDifference, version: Int, since: Instant) {
        self.old = old
        self.new = new
        self.difference = difference
        self.version = version
        self.since = since
    }

    /// Writes it down; the session's writer knows the new names.
    package func note(in session: RecordingSession) throws {
        let writer = session.writer
        let before = try writer.seen(by: StoreNames(old), ofVersion: version)
        var ends: [DefinitionEnd] = []
        let closed = try before.lastClosed()
        for index in difference.endedIndicators {
            // One that closed no window ended all the same: what another closes is nothing that it goes on under.
            let end = closed[index]?.end ?? .distantPast
            ends.append(DefinitionEnd(.indicator, before.number(ofIndicator: index), version: version, end: end))
        }
        for point in difference.endedCounters {
            ends.append(DefinitionEnd(.counter, before.number(ofPoint: point), version: version, end: since))
        }
        for point in difference.endedScales {
            ends.append(DefinitionEnd(.scale, before.number(ofPoint: point), version: version, end: since))
        }
        for index in difference.endedObjectives {
            ends.append(DefinitionEnd(.objective, before.number(ofObjective: index), version: version, end: since))
        }
        for index in difference.withdrawnObjectives {
            ends.append(DefinitionEnd(.withdrawn, before.number(ofObjective: index), version: version, end: since))
        }
        let known = Set(old.objectives.map { difference.newNames.objectives[$0.name] ?? $0.name })
        for (index, objective) in new.objectives.enumerated() where !known.contains(objective.name) {
            // It judges from here on, whatever its name stood for before.
            let number = writer.number(ofObjective: index)
            ends.append(DefinitionEnd(.objective, number, version: version, end: since))
            ends.append(DefinitionEnd(.withdrawn, number, version: version, end: since))
        }
        try writer.put(ends)
        try handOver(session)
        try Restating(new: new, difference: difference, since: since).moveEnds(in: writer)
    }

    /// Ends the nonconformities of objectives that are gone; those of changed ones go on under the new demand.
    private func handOver(_ session: RecordingSession) throws {
        for index in difference.endedObjectives {
            let objective = old.objectives[index]
            let name = difference.newNames.objectives[objective.name] ?? objective.name
            for var found in try session.writer.nonconformities(objective: name) where found.condition == .ongoing {
                if difference.withdrawnObjectives.contains(index) {
                    let indicator = old.plan.indicators[objective.indicator].name
                    try session.withdraw(&found, at: since, objective, indicator: indicator)
                } else if let present = new.objectives.first(where: { $0.name == name }) {
                    let demand = LaterDemand(present, of: new.plan, since: since)
                    found.laterDemands.append(demand)
                    try session.writer.put(found)
                    session.journal(.demandChanged(found, to: demand))
                }
            }
        }
    }
}

extension RecordingSession {
    /// Ends a nonconformity whose objective, or that one's indicator, was taken out; what people have to do stays open.
    package func withdraw(
        _ found: inout Nonconformity, at end: Instant, _ objective: ObjectiveDefinition, indicator: String
    ) throws {
        found.condition = .withdrawn
        found.withdrawnAt = end
        try writer.put(found)
        try writer.endKeptReadings(for: found.id, at: end)
        journal(.withdrawn(found))
        try followData(of: found)
        try alert(
            RecordedAlert(
                .nonconformityWithdrawn, .info,
                subject: AlertLine.ObjectiveFacts(
                    id: found.id, objective: found.objective, title: objective.title, indicator: indicator,
                    window: Window(start: found.onset, end: end), value: found.peak, limit: found.limit,
                    unit: found.unit),
                message: "\(objective.title ?? found.objective): no longer judged, because the configuration does not "
                    + "have it any more; \(found.id) ends as withdrawn, what is to be done about it stays open"))
    }
}

extension JournalEntry {
    fileprivate static func withdrawn(_ found: Nonconformity) -> JournalEntry {
        JournalEntry(
            "nc.withdrawn", at: .distantPast,
            [
                .init("id", .text(found.id)), .init("objective", .text(found.objective)),
                .init("onset", .text(found.onset.text)), .init("withdrawn_at", .text(found.withdrawnAt?.text)),
                .init("peak", .number(found.peak)), .init("limit", .number(found.limit)),
                .init("unit", .text(found.unit)), .init("evidence", .text(found.evidenceDigest)),
            ])
    }

    /// A nonconformity goes on under another demand.
    package static func demandChanged(_ found: Nonconformity, to demand: LaterDemand) -> JournalEntry {
        JournalEntry(
            "nc.demand_changed", at: .distantPast,
            [
                .init("id", .text(found.id)), .init("objective", .text(found.objective)),
                .init("from", .text(Instant(milliseconds: demand.since).text)),
                .init("before", .text(found.definition)), .init("after", .text(demand.definition)),
            ])
    }
}

extension LaterDemand {
    /// What an objective of a plan demands from an instant on.
    package init(_ objective: ObjectiveDefinition, of plan: IndicatorPlan, since: Instant) {
        let unit = objective.shownUnit(plan.indicators[objective.indicator], at: since)
        self.init(since: since, definition: objective.source, unit: unit)
    }
}
