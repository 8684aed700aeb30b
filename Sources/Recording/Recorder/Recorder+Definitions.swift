import Conformity
import Indicators
import Metering
import PlantConfiguration
import RecordKeeping
import Storage

/// From when on something is defined otherwise than the database remembers.
struct DefinitionChange {
    /// What it is.
    enum Thing {
        case exchange(PointIndex)
        case formula(indicator: Int)
        case derived(PointIndex)
    }
    var thing: Thing
    var from: Instant
}

extension Recorder {
    /// Declares an exchange of a meter, or withdraws the one declared for that time, and computes again what it changes;
    /// the journal has who and when.
    ///
    /// Beside polling it is on record when this returns, and the rest is done a portion at a time (``openOn(for:now:)``,
    /// ``workOff(for:now:)``).
    package func declare(_ exchange: DeclaredExchange, withdraws: Bool, now: Instant) throws {
        try transact(now: now) { session in
            let known = try DeclaredExchange.all(in: session.writer)
            let same = known.first { $0.point == exchange.point && $0.time == exchange.time }
            let others = known.filter { $0.point != exchange.point || $0.time != exchange.time }
            try DeclaredExchange.keep(withdraws ? others : others + [exchange], in: session.writer)
            session.journal(.exchange(exchange, insteadOf: same, withdraws: withdraws))
            if !isLive { try rebuild(session, clock: recordStart == nil ? nil : engine.clock) }
        }
        if isLive { beginAnew() }
    }

    /// Puts the definitions in force, and says what differs from a date on since the database last saw them, with the
    /// record that is to be kept of them; nil: it is kept already.
    func adoptDefinitions(
        _ session: RecordingSession
    ) throws -> (record: DefinitionRecord?, changes: [DefinitionChange]) {
        let known = try DefinitionRecord(from: session.writer)
        do {
            plan = plant.plan.with(try DeclaredExchange.all(in: session.writer))
        } catch let fault as DeclaredExchange.Unreadable {
            // What was decided with them stands: they are known from when the definitions were last in force.
            plan = plant.plan.with(known?.declaredExchanges ?? [])
            if !unreadable.contains(fault.description) { unreadable.append(fault.description) }
        }
        let record = DefinitionRecord(plant, plan: plan)
        guard record != known else { return (nil, []) }
        return (record, known.map { changes(from: $0, to: record) } ?? [])
    }

    private func changes(from old: DefinitionRecord, to new: DefinitionRecord) -> [DefinitionChange] {
        var changes: [DefinitionChange] = []
        for (index, point) in plan.points.enumerated() where point.kind == .counter {
            let (a, b) = (old.exchanges[point.name] ?? [], new.exchanges[point.name] ?? [])
            for exchange in a.filter({ !b.contains($0) }) + b.filter({ !a.contains($0) }) {
                changes.append(
                    DefinitionChange(
                        thing: .exchange(PointIndex(index)), from: Instant(milliseconds: exchange.time)))
            }
        }
        for (index, indicator) in plan.indicators.enumerated() {
            if let from = DefinitionRecord.change(old.indicators[indicator.name], new.indicators[indicator.name]) {
                changes.append(DefinitionChange(thing: .formula(indicator: index), from: from))
            }
        }
        for derived in plan.derived {
            let name = plan.points[Int(derived.point)].name
            if let from = DefinitionRecord.change(old.derived[name], new.derived[name]) {
                changes.append(DefinitionChange(thing: .derived(derived.point), from: from))
            }
        }
        return changes
    }

    /// Runs the counter rules again around changed exchanges, and says by indicator which stretches are to be computed
    /// again, and by counter which its exchanges reach into.
    func reviseLedgers(
        _ changes: [DefinitionChange], through clock: Instant?, _ session: RecordingSession
    ) throws -> (stretches: [Int: [Window]], reached: [PointIndex: [Window]]) {
        guard let clock else { return ([:], [:]) }
        var stretches: [Int: [Window]] = [:]
        var reached: [PointIndex: [Window]] = [:]
        for change in changes where change.from <= clock {
            let stretch: Window
            let users: [Int]
            switch change.thing {
            case .exchange(let point):
                // Before the first reading that is kept there is nothing to compute from.
                let parts = plan.measuredPoints(behind: [point])
                guard
                    try parts.allSatisfy({
                        try session.writer.lastReading($0, before: change.from, usable: true) != nil
                    })
                else { continue }
                let time = Window(start: change.from, end: change.from)
                stretch = try reviseLedger(of: point, around: time, through: clock, session)
                session.pending.touch(point, stretch)
                reached[point, default: []].append(stretch)
                users = plan.indicators.indices.filter { plan.indicators[$0].points.contains(point) }
            case .formula(let indicator):
                stretch = Window(start: change.from, end: clock + 1)
                users = restated(with: [indicator])
            case .derived(let point):
                stretch = Window(start: change.from, end: clock + 1)
                let behind = Set(plan.derived.filter { plan.measuredInputs(of: $0, include: point) }.map(\.point))
                users = restated(
                    with: plan.indicators.indices.filter { !behind.isDisjoint(with: plan.indicators[$0].points) })
            }
            for user in users { stretches[user, default: []].append(stretch) }
        }
        return (stretches.mapValues(merged), reached)
    }

    /// Indicators, and all that are computed from them: these are restated with them, also where no value that they are
    /// computed from becomes another. What closed their windows before may have been another definition, or of another unit.
    private func restated(with indicators: [Int]) -> [Int] {
        var found = indicators
        var place = 0
        while place < found.count {
            found += users[found[place]].filter { !found.contains($0) }
            place += 1
        }
        return found
    }

    /// What is restated is judged again by the demand now in force, also where its values stay what they were: it may be
    /// another than the one that judged them (Rules 13).
    func doubtRestated(_ stretches: [Int: [Window]], _ session: RecordingSession) {
        for objective in objectives where objective.since > .distantPast {
            guard let stretch = stretches[objective.definition.indicator]?.first else { continue }
            let from = max(objective.since, stretch.start)
            session.pending.doubt(objective.index, VerdictDoubt(from: from + 1, through: stretch.end))
        }
    }
}

extension IndicatorPlan {
    /// Whether a derived point is computed from another, directly or not, or is that one.
    fileprivate func measuredInputs(of derived: DerivedPoint, include point: PointIndex) -> Bool {
        if derived.point == point { return true }
        return derived.inputs.contains { input in
            self.derived.contains { $0.point == input && measuredInputs(of: $0, include: point) }
        }
    }
}

extension DefinitionRecord {
    /// From when on a dated formula differs; nil where it does not, or only from the beginning: what is closed was
    /// computed by the definition of its time.
    fileprivate static func change(_ old: [Formula]?, _ new: [Formula]?) -> Instant? {
        guard let old, let new else { return nil }
        let (a, b) = (old.dropFirst(), new.dropFirst())
        let froms = (a.filter { !b.contains($0) } + b.filter { !a.contains($0) }).compactMap(\.from)
        return froms.min().map(Instant.init(milliseconds:))
    }
}

extension Recorder {
    /// Writes a model into the journal, unless it is the one that stands there.
    func note(_ fit: ModelFit, of indicator: Int, _ session: RecordingSession) throws {
        guard let model = plan.indicators[indicator].model else { return }
        let name = plan.indicators[indicator].name
        let drivers = model.drivers.map { plan.indicators[$0].name }
        let faults = fit.faults { drivers[$0] }
        let entry = JournalEntry.fitted(fit, indicator: name, drivers: drivers, faults: faults, at: session.time)
        let text = CanonicalJSON.object(entry.members).canonicalText
        guard try session.writer.note("model." + name) != text else { return }
        try session.writer.setNote("model." + name, text)
        session.journal(entry)
        if !faults.isEmpty {
            try session.alert(
                RecordedAlert(
                    .warning, .warning, details: [.init("indicator", .text(name))],
                    message: "the model of \(name) may not be used: " + faults.joined(separator: "; ")))
        }
    }
}
