import Conformity
import Indicators
import Metering
import PlantConfiguration
import RecordKeeping
import Storage

/// What an earlier definition closed is computed again by that definition: a revision changes data, never the rule (Rules
/// 13). For each version of the configuration with which definitions ended there is a recorder of its own, which is asked.
extension Recorder {
    /// Computes again what earlier definitions closed and readings of points reach into, and collects the evidence of earlier
    /// demands again; by point, the stretches. A record
    /// that begins earlier now gained its `beginning`, up to where it began before: whichever definition was in force then
    /// has windows there.
    func revisePast(
        _ stretches: [PointIndex: [Window]], _ beginning: Window? = nil, reason: String, _ session: RecordingSession
    ) throws {
        let numbers = stretches.map { (session.writer.number(ofPoint: $0.key), plan.reach(of: $0.key), $0.value) }
        guard let earliest = stretches.values.flatMap({ $0 }).map(\.start).min() else { return }
        for version in versions(endingAfter: earliest) {
            try inPast(version, session) { past, plant in
                var due: [Int: [Window]] = [:]
                for (number, reach, stretches) in numbers {
                    guard let point = plant.points.firstIndex(of: number).map({ PointIndex($0) }) else { continue }
                    // Under other rules a value may have held for longer.
                    let more = max(0, past.plan.reach(of: point) - reach)
                    let stretches = stretches.map { Window(start: $0.start, end: $0.end + more) }
                    for stretch in stretches { session.pending.touch(point, stretch) }
                    for index in past.plan.indicators.indices where past.closedEnds[index] != nil {
                        let points = past.plan.measuredPoints(behind: past.plan.indicators[index].points)
                        if points.contains(point) { due[index, default: []] += stretches }
                    }
                }
                if let beginning {
                    for index in past.plan.indicators.indices where past.closedEnds[index] != nil {
                        due[index, default: []].append(beginning)
                    }
                    past.doubtPeriod(of: beginning.end - 1, session)
                }
                for (index, stretches) in due {
                    for stretch in stretches { session.pending.revise(index, over: stretch, reason: reason) }
                }
            }
        }
    }

    /// Has what another definition replaced take in windows of an indicator that lasts: demands judge again what they
    /// judged, sums are made again.
    func tellPast(_ windows: [Window], of indicator: Int, _ session: RecordingSession) throws {
        guard pastClock == nil, let earliest = windows.map(\.end).min() else { return }
        let number = session.writer.number(ofIndicator: indicator)
        let news = PastNews(values: [number: windows], objectives: [])
        let versions = try ends.filter { end in
            guard end.end >= earliest else { return false }
            return switch end.kind {
            case .objective: true
            case .indicator: try isMade(end, from: number, session.writer)
            case .counter, .scale, .withdrawn: false
            }
        }
        for version in Set(versions.map(\.version)).sorted() {
            try inPast(version, session) { past, _ in try past.follow(news, session) }
        }
    }

    /// Whether the definition of an indicator that ended was computed from the windows of another.
    private func isMade(_ end: DefinitionEnd, from number: Int64, _ reader: StoreReader) throws -> Bool {
        guard let past = try past(end.version, reader), let index = past.indicators.firstIndex(of: end.thing),
            let source = past.indicators.firstIndex(of: number)
        else { return false }
        return past.plant.plan.indicators[index].indicators.contains(source)
    }

    /// The versions with which definitions of indicators, or demands, ended after an instant, in order.
    private func versions(endingAfter instant: Instant) -> [Int] {
        Set(ends.filter { ($0.kind == .indicator || $0.kind == .objective) && $0.end > instant }.map(\.version))
            .sorted()
    }

    /// Runs something with the recorder of a version and hands on what that changed: to later versions and to this one.
    private func inPast(
        _ version: Int, _ session: RecordingSession, _ body: (Recorder, PastPlant) throws -> Void
    ) throws {
        guard let plant = try past(version, session.writer) else { return }
        let recorder = try pastRecorder(plant, session)
        recorder.changed = [:]
        try session.writing(as: plant) {
            try body(recorder, plant)
            try session.settle(by: recorder.settle)
        }
        var news = [(version, recorder.news(by: plant))]
        // Values of one version may be in sums and verdicts of those before and after it, a verdict in those after it.
        while let (source, latest) = news.popLast() {
            if latest.isEmpty { continue }
            for other in Set(ends.map(\.version)).sorted() where other != source {
                var told = latest
                if other < source { told.objectives = [] }
                guard !told.isEmpty else { continue }
                guard let plant = try past(other, session.writer) else { continue }
                let recorder = try pastRecorder(plant, session)
                recorder.changed = [:]
                try session.writing(as: plant) {
                    try recorder.follow(told, session)
                    try session.settle(by: recorder.settle)
                }
                news.append((other, recorder.news(by: plant)))
            }
            try follow(latest, session)
        }
    }

    /// What a recorder of an earlier version changed.
    private func news(by plant: PastPlant) -> PastNews {
        PastNews(
            values: Dictionary(uniqueKeysWithValues: changed.map { (plant.indicators[$0.key], $0.value) }),
            objectives: Set(judgedAgain.map { plant.objectives[$0] }))
    }

    /// The plan of a version that was replaced, with what is known of earlier ones.
    func plan(of past: PastPlant, _ session: RecordingSession) throws -> IndicatorPlan {
        let recorder = Recorder(store: store, plant: past.plant, isLive: isLive)
        recorder.version = past.version
        recorder.pastPlants = pastPlants
        recorder.plan = past.plant.plan.with(try DeclaredExchange.all(in: session.writer))
        try session.writing(as: past) { try recorder.readEnds(session) }
        return recorder.plan
    }

    /// The recorder of a version: it works by the plant of that version, on what ended with it.
    private func pastRecorder(_ past: PastPlant, _ session: RecordingSession) throws -> Recorder {
        let recorder = Recorder(store: store, plant: past.plant, isLive: isLive)
        recorder.version = past.version
        recorder.pastPlants = pastPlants
        recorder.recordStart = recordStart
        recorder.present = self
        recorder.pastClock = knownThrough
        recorder.plan = past.plant.plan.with(try DeclaredExchange.all(in: session.writer))
        // Exchanges are facts of their time, whoever says them when.
        let present = Dictionary(
            plan.points.indices.map { (session.writer.number(ofPoint: PointIndex($0)), $0) },
            uniquingKeysWith: { first, _ in first })
        for (index, number) in past.points.enumerated() {
            guard let present = present[number] else { continue }
            let now = plan.points[present]
            recorder.plan.points[index].exchanges = now.exchanges
            // Readings after its time are judged by the rules of theirs.
            recorder.later[index] = now.earlier + [EarlierRules(until: .distantFuture, now)]
        }
        let mine = ends.filter { $0.version == past.version }
        try session.writing(as: past) { try recorder.readEnds(session) }
        for (index, number) in past.indicators.enumerated() {
            recorder.closedEnds[index] = mine.first { $0.kind == .indicator && $0.thing == number }?.end
        }
        for objective in recorder.objectives {
            let number = past.objectives[objective.index]
            let end = mine.first { $0.kind == .objective && $0.thing == number }
            objective.name = try session.writer.name(ofObjective: number) ?? objective.name
            objective.isAtWork = end != nil
            objective.until = end?.end ?? .distantFuture
            objective.isWithdrawnAtEnd = mine.contains { $0.kind == .withdrawn && $0.thing == number }
            // What it judges may go on under another definition that judges alike.
            if end != nil, recorder.closedEnds[objective.definition.indicator] == nil {
                objective.judgesThrough = objective.until
            }
        }
        return recorder
    }

    /// Does what follows from values that an earlier definition's readings changed: values computed from them, and
    /// verdicts of demands that took them in.
    private func follow(_ news: PastNews, _ session: RecordingSession) throws {
        for index in plan.indicatorsInOrder {
            guard let windows = news.values[session.writer.number(ofIndicator: index)] else { continue }
            if pastClock == nil, !users[index].isEmpty {
                // Windows that are open take in the values as they are now.
                for window in windows {
                    for engine in [engine, newcomers?.opening.engine].compactMap({ $0 }) {
                        try supply(engine, index, in: window, session.writer)
                    }
                }
            }
            for user in users[index] {
                for window in windows { session.pending.revise(user, over: window, reason: "source-revised") }
            }
            for objective in objectives where objective.isAtWork { doubt(objective, windows, of: index, session) }
        }
        for objective in objectives where objective.isAtWork && objective.since != .distantPast {
            guard news.objectives.contains(session.writer.number(ofObjective: objective.index)) else { continue }
            session.pending.doubt(objective.index, VerdictDoubt(from: objective.since + 1, through: objective.since))
        }
    }
}

/// What an earlier definition's revision changed, by the database's numbers.
private struct PastNews {
    /// By indicator, the windows whose values changed.
    var values: [Int64: [Window]]
    /// Objectives that were judged again.
    var objectives: Set<Int64>

    var isEmpty: Bool { values.isEmpty && objectives.isEmpty }
}

extension RecordingSession {
    /// Lets the session write by an earlier version while the body runs, and keeps what pends apart meanwhile: that goes by
    /// the places in each version's plan.
    func writing(as past: PastPlant, _ body: () throws -> Void) throws {
        let own = (writer, pending, findings, judgesLater)
        writer = try own.0.writing(as: past.names, ofVersion: past.version)
        // What waits is judged by the demands in force.
        (pending, findings, judgesLater) = (PendingRevisions(), [], false)
        defer { (writer, pending, findings, judgesLater) = own }
        try body()
    }
}
