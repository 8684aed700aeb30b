import Conformity
import Indicators
import Metering
import PlantConfiguration
import RecordKeeping
import Storage

/// How a window on record stands to those that a configuration's definition makes (Rules 13).
enum WindowKinship {
    /// Its value may be added to theirs.
    case alike
    /// It is of another unit, or an earlier definition with other windows made it: no sum can be made over it.
    case foreign
    /// A later definition with other windows made it, after all that this one made: it was not there.
    case later
}

extension Recorder {
    /// The plant of a version that was replaced; nil where it is not known.
    func past(_ version: Int, _ reader: StoreReader) throws -> PastPlant? {
        if let known = pastPlants[version] { return known }
        guard let plant = try PastPlant(version: version, in: reader) else { return nil }
        pastPlants[version] = plant
        return plant
    }

    /// Reads which definitions of its things ended before it, and lets the plan know of earlier rules of counters and of
    /// scales that changed.
    func readEnds(_ session: RecordingSession) throws {
        let reader = session.writer
        let known = version ?? .max
        let all = try reader.definitionEnds()
        allEnds = all
        ends = all.filter { $0.version < known }
        rules = PlantDefinitions.rules(of: plant.plan)
        func last(_ kind: DefinitionEnd.Kind, _ number: Int64) -> Instant? {
            ends.last { $0.kind == kind && $0.thing == number }?.end
        }
        openedAfter = plan.indicators.indices.map {
            let end = last(.indicator, reader.number(ofIndicator: $0))
            return end == .distantPast ? nil : end
        }
        try findPastEnds(reader)
        for objective in objectives {
            objective.since = last(.objective, reader.number(ofObjective: objective.index)) ?? .distantPast
        }
        for index in plan.points.indices {
            let number = reader.number(ofPoint: PointIndex(index))
            for end in all where end.thing == number {
                switch end.kind {
                case .scale: plan.points[index].breaks.append(end.end)
                case .counter where end.version < known:
                    guard let past = try past(end.version, reader), let before = past.points.firstIndex(of: number)
                    else { continue }
                    let rules = past.plant.plan.points[before]
                    plan.points[index].earlier.append(
                        EarlierRules(until: end.end, rules))
                case .counter, .indicator, .objective, .withdrawn: break
                }
            }
            if let rules = later[index] { plan.points[index].earlier = rules }
        }
        for derived in plan.derived {
            let inputs = derived.inputs.flatMap { plan.points[Int($0)].breaks }
            plan.points[Int(derived.point)].breaks = Set(inputs).sorted()
        }
    }

    /// The demands that took the place of the one that raised a nonconformity while it lasted, whether it was on record by
    /// then or a late reading brought it to light since (Rules 13).
    func laterDemands(
        of found: Nonconformity, at objective: ObjectiveAtWork, _ reader: StoreReader
    ) throws -> [LaterDemand] {
        let number = reader.number(ofObjective: objective.index)
        let mine = allEnds.filter { $0.thing == number && $0.end >= found.raisedAt }
        let withdrawn = Set(mine.filter { $0.kind == .withdrawn }.map(\.version))
        return try mine.filter { $0.kind == .objective && !withdrawn.contains($0.version) }.compactMap { end in
            let next = end.version + 1
            guard let since = try reader.configurations().first(where: { $0.version == next })?.since,
                found.clearedAt ?? found.withdrawnAt ?? .distantFuture > since
            else { return nil }
            guard let plant = try past(next, reader), let index = plant.objectives.firstIndex(of: number) else {
                return found.laterDemands.first { $0.since == since.milliseconds }
            }
            return LaterDemand(plant.plant.objectives[index], of: plant.plant.plan, since: since)
        }
    }

    /// Whether the value of a window of an indicator, made by a version, may be added to those that are made now.
    func isAlike(_ indicator: Int, _ window: Window, version made: Int?, _ reader: StoreReader) throws -> Bool {
        try kinship(of: window, indicator, version: made, reader) == .alike
    }

    /// How a window of an indicator, made by a version, stands to those that are made now.
    func kinship(
        of window: Window, _ indicator: Int, version made: Int?, _ reader: StoreReader
    ) throws -> WindowKinship {
        guard let made else { return .alike }
        let number = reader.number(ofIndicator: indicator)
        if let version, made > version, let later = try past(made, reader),
            let index = later.indicators.firstIndex(of: number)
        {
            if isAlike(indicator, window, index, of: later) { return .alike }
            return later.rules[index] == rules[indicator] ? .foreign : .later
        }
        let end = indicatorEnds[number]?.first { $0.end >= window.end }
        guard let end, let past = try past(end.version, reader), let index = past.indicators.firstIndex(of: number)
        else { return .alike }
        return isAlike(indicator, window, index, of: past) ? .alike : .foreign
    }

    private func isAlike(_ indicator: Int, _ window: Window, _ index: Int, of other: PastPlant) -> Bool {
        other.rules[index] == rules[indicator]
            && other.plant.plan.indicators[index].unit(at: window.start)
                == plan.indicators[indicator].unit(at: window.start)
    }

    /// Finds by counter up to when definitions that ended closed windows over it.
    private func findPastEnds(_ reader: StoreReader) throws {
        pastEnds = [:]
        for end in ends where end.kind == .indicator {
            guard let past = try past(end.version, reader), let index = past.indicators.firstIndex(of: end.thing) else {
                continue
            }
            let behind = past.plant.plan.measuredPoints(behind: past.plant.plan.indicators[index].points)
            let numbers = Set(behind.map { past.points[Int($0)] })
            for point in plan.points.indices
            where plan.points[point].kind == .counter && numbers.contains(reader.number(ofPoint: PointIndex(point))) {
                let index = PointIndex(point)
                pastEnds[index] = max(pastEnds[index] ?? .distantPast, end.end)
            }
        }
    }
}
