import Conformity
import Indicators
import Metering
import PlantConfiguration
import Platform
import RecordKeeping
import Storage

/// Takes readings into the database and makes everything of them that the rules ask for, in one transaction each
/// time: indicator values, ledger decisions, verdicts, nonconformities, journal lines and alerts.
///
/// Live operation and replay use the same recorder. Killed at any moment, the next one goes on from the database as
/// if nothing had happened: its state is rebuilt from the stored readings. Used by one thread at a time.
///
/// ```
/// let recorder = Recorder(store: store, plant: plant, isLive: false)
/// try recorder.start()
/// try recorder.record(readings)
/// try recorder.finish()
/// ```
package final class Recorder {
    package let store: PlantStore
    package let plant: Plant
    /// The plant's plan, with the exchanges of meters that operators declared.
    package var plan: IndicatorPlan
    /// By indicator, those that are computed from it.
    let users: [[Int]]
    /// Whether the wall clock, and not the readings' times, dates what is written into the journal.
    let isLive: Bool
    var engine: IndicatorEngine
    var objectives: [ObjectiveAtWork]
    /// The first reading of any point; nil before it.
    var recordStart: Instant?
    /// The version of the configuration that it works by; nil before ``start(now:load:running:before:)``.
    var version: Int?
    /// The definitions that others have replaced.
    var ends: [DefinitionEnd] = [] {
        didSet { indicatorEnds = Dictionary(grouping: ends.filter { $0.kind == .indicator }, by: \.thing) }
    }
    /// Those of indicators, by the database's number: each window on record is looked up in them.
    private(set) var indicatorEnds: [Int64: [DefinitionEnd]] = [:]
    /// The same with those that ended later than the version that it works by.
    var allEnds: [DefinitionEnd] = []
    /// By indicator, the end of the last window that another definition made; nil: none did.
    var openedAfter: [Instant?]
    /// By counter, up to when definitions that ended closed windows over it.
    var pastEnds: [PointIndex: Instant] = [:]
    /// Of a recorder of an earlier version: by counter, all rules that ever held.
    var later: [Int: [EarlierRules]] = [:]
    /// By version, the plant of a configuration that another has replaced, as far as it was needed.
    var pastPlants: [Int: PastPlant] = [:]
    /// Per indicator, what makes its values alike.
    var rules: [String] = []
    /// Of the recorder of a configuration that was replaced: that of the configuration in force.
    weak var present: Recorder?
    /// Of the recorder of a configuration that was replaced: up to when readings are known; nil: it is in force.
    var pastClock: Instant?
    /// By indicator, windows whose values were revised since this was emptied.
    var changed: [Int: [Window]] = [:]
    /// Objectives, by their place in the plan, that were judged again since this was emptied.
    var judgedAgain: Set<Int> = []
    /// By indicator, the end of the window closed last.
    var closedEnds: [Instant?]
    /// By indicator of counted days, the end of the last day that was looked at.
    var countedThrough: [Int: Instant] = [:]
    /// Nonconformities whose actions are done and whose effect is watched, by number.
    var verifying: [String: NonconformityLifecycle] = [:]
    /// What is remembered between two looks at what people have to do.
    var attention = AttentionMemory()
    /// What was done since the start.
    package private(set) var summary = RecordingSummary()
    /// How engine and judges stand to the store.
    var state = RecorderState.stale
    /// Indicators whose past is still to be computed.
    var newcomers: Newcomers?
    /// What came in and is not stored yet.
    var unstored = UnstoredReadings()
    /// Closed windows that are still to be computed again, as the store has them.
    var recomputations = RecomputationQueue()
    /// What of them is at work.
    var recomputation: RecomputationRun?
    /// How much of it is written with one transaction.
    var workPace = WorkPace()
    /// The objective whose windows are judged again after that.
    var judgingAgain: JudgingAgain?
    /// An import that is under way.
    var imports = ImportedStretches()
    /// When the last piece of it came.
    var lastPiece: MonotonicMoment?
    /// Up to when the store's readings are looked at; nil: all are there, and none is later than now.
    package var horizon: Instant?
    /// Milliseconds of time that may pass in one go: more is done in portions.
    let longestPassage: Int64
    /// The portion that time passes in, in milliseconds, as it was quick enough the last time.
    var passage: Int64 = 3_600_000
    /// Of a trial: values of indicators that are not on record.
    var trialValues: [Int: [Window: IndicatorValue]] = [:]
    /// What is stored and cannot be read, in sentences.
    package var unreadable: [String] = []
    /// Called whenever something was done, also in the middle of long work: what keeps the watchdog fed.
    package var madeProgress: () -> Void = {}
    /// About how many stored readings are gone over between two looks at the clock, where the engine is opened in pieces.
    var slice = 20_000
    /// Held readings that are stored with one commit at most, where the engine has not seen them.
    var portion = 50_000

    /// A recorder for a plant over its store, which it must own; ``start(now:load:running:before:)`` comes first.
    package init(store: PlantStore, plant: Plant, isLive: Bool) {
        self.store = store
        self.plant = plant
        plan = plant.plan
        users = plant.plan.users
        self.isLive = isLive
        longestPassage = Recorder.longestPassage(of: plant.plan, isLive: isLive)
        engine = IndicatorEngine(plan: plant.plan)
        closedEnds = Array(repeating: nil, count: plant.plan.indicators.count)
        openedAfter = closedEnds
        objectives = plant.objectives.enumerated().map { index, objective in
            ObjectiveAtWork(index, objective, plan: plant.plan)
        }
    }

    /// Puts the plant's configuration in force, where it is not, and rebuilds the state from the store; what became due
    /// since the last commit is done at once.
    ///
    /// `running` is a recorder that is at work by the configuration before; `before` is called with it, or with one that
    /// is made for the purpose, before it closes what ended.
    package func start(
        now: Instant? = nil, load: ConfigurationLoad? = nil, running: Recorder? = nil,
        before: (Recorder) throws -> Void = { _ in }
    ) throws {
        let load = load ?? ConfigurationLoad(isLive ? .start : .replay)
        let coming = ComingIntoForce(store: store, plant: plant, load: load, isLive: isLive)
        version = try coming.run(now: now, running: running, before: before).version
        try begin(now: now)
    }

    /// Takes the place of a recorder that is at work by the configuration before and has closed all it has to do; readings
    /// after `cut` belong to this one, which opens its engine with ``openOn(for:now:)``.
    package func succeed(
        _ running: Recorder, from cut: Instant, now: Instant, load: ConfigurationLoad, compared: ComparedPlants? = nil
    ) throws {
        let coming = ComingIntoForce(store: store, plant: plant, load: load, isLive: isLive, compared: compared)
        version = try coming.run(now: now, cut: cut, running: running).version
        madeProgress = running.madeProgress
        // Nobody has to read the configuration before once more.
        pastPlants = running.pastPlants
        if let before = running.version, before != version {
            pastPlants[before] = try store.read { try PastPlant(version: before, running.plant, in: $0) }
        }
    }

    /// Rebuilds the state from the store, whose names are the plan's.
    func begin(now: Instant?) throws {
        try transact(now: now) { _ in }
        // Live it is done between the rounds.
        while !isLive, isWorkLeft { try workOff(for: 1000, now: now) }
    }

    /// Records readings, sorted by time, in one transaction; in more where a long absence leaves many windows to close,
    /// or much is to be computed again.
    ///
    /// A reading that is stored already changes nothing. When it throws the same readings may be recorded again.
    package func record(_ readings: [Reading], now: Instant? = nil) throws {
        try record(readings, areStored: false, now: now)
    }

    /// Takes readings, sorted by time, that the store has already, as ``record(_:now:)`` takes those that come in.
    func record(_ readings: [Reading], areStored: Bool, now: Instant?) throws {
        var rest = readings[...]
        while !rest.isEmpty {
            let taken = try transact(now: now) { session in
                let count = passable(rest)
                if count > 0 { try take(Array(rest.prefix(count)), areStored: areStored, session) }
                return count
            }
            rest = rest.dropFirst(taken)
            if let next = rest.first { while try !passOn(to: next.time - 1, now: now) {} }
        }
        while !isLive, isWorkLeft { try workOff(for: 1000, now: now) }
    }

    func take(_ readings: [Reading], areStored: Bool = false, _ session: RecordingSession) throws {
        let novel = areStored ? readings : try session.writer.append(readings, stayHot: isLive)
        session.summary.readings += novel.count
        guard let first = novel.map(\.time).min() else { return }
        let begins = recordStart == nil
        if begins {
            recordStart = first
            try openEngine(session)
        }
        var inOrder: [Reading] = []
        var late: [Reading] = []
        inOrder.reserveCapacity(novel.count)
        for reading in novel {
            if engine.admits(reading.time), reading.time >= inOrder.last?.time ?? .distantPast {
                inOrder.append(reading)
            } else {
                late.append(reading)
            }
        }
        try feed(inOrder, session)
        if !late.isEmpty { try takeLate(late, session) }
    }

    /// Closes the windows that end at or before the last reading, or before an instant after it up to which the recording
    /// reaches: its end.
    package func finish(through instant: Instant? = nil) throws {
        if let instant, recordStart != nil {
            if isFar(instant) { while try !passOn(to: instant, now: nil) {} }
            try transact(now: nil) { session in
                engine.complete(through: instant)
                try drain(session)
            }
        }
        try transact(now: nil) { session in
            engine.finish()
            try drain(session)
            // The newest instant is complete now, also where nothing came of it.
            session.keepsClock = true
        }
        while !isLive, isWorkLeft { try workOff(for: 1000, now: nil) }
    }

    // MARK: Transactions

    /// Runs one transaction. With `opens` the engine is opened before, where it is not, and what is held is stored; without
    /// it that waits.
    @discardableResult
    func transact<T>(now: Instant?, opens: Bool = true, _ body: (RecordingSession) throws -> T) throws -> T {
        do {
            return try transactOnce(now: now, opens: opens, body)
        } catch is SeenBefore {
            return try transactOnce(now: now, opens: opens, body)
        }
    }

    /// Begins anew from the store at the next transaction, after another recorder has been at it.
    package func distrust() {
        beginAnew()
        state = .estranged
    }

    /// Engine and judges may say something else than the store.
    func beginAnew() {
        state = .stale
        (newcomers, recomputation, judgingAgain) = (nil, nil, nil)
        unstored.forget()
    }

    private func transactOnce<T>(now: Instant?, opens: Bool, _ body: (RecordingSession) throws -> T) throws -> T {
        do {
            if case .estranged = state {
                try store.adopt(StoreNames(plant))
                state = .stale
            }
            let isWhole = opens || isOpen
            let (done, result, left) = try store.write { writer in
                writer.version = version
                let session = try RecordingSession(writer, site: plant.site.name, calendar: plan.calendar, now: now) {
                    [unowned self] in engine.clock
                }
                if opens {
                    switch state {
                    case .estranged, .stale: try rebuild(session)
                    case .preparing, .opening: _ = try openOn(until: nil, session)
                    case .open: break
                    }
                }
                let left = isWhole ? try takeHeld(session) : []
                let result = try body(session)
                try session.finish(settling: settle)
                if session.keepsQueue { try recomputations.keep(in: session.writer) }
                // Time that only passes is not worth a write: the next start lets it pass again.
                if isWhole, session.keepsClock || session.summary != RecordingSummary() {
                    try writer.setClock(engine.clock)
                }
                return (session.summary, result, left)
            }
            summary.add(done)
            guard isWhole else { return result }
            state = newcomers?.isOutdated == true ? .stale : .open
            unstored = UnstoredReadings()
            unstored.readings = left
            return result
        } catch {
            // Engine and judges may be ahead of what is stored now.
            beginAnew()
            throw error
        }
    }

    /// Does what is due once the engine is open.
    func resume(_ session: RecordingSession) throws {
        for objective in objectives { try judgeWaiting(at: objective, session) }
        try drain(session)
    }

    /// Feeds readings to the engine and handles what it finds, where it finds it.
    func feed(_ readings: [Reading], _ session: RecordingSession) throws {
        var index = 0
        while index < readings.count {
            index = engine.take(readings, from: index)
            try drain(session)
        }
    }

    /// Handles what the engine found.
    func drain(_ session: RecordingSession) throws { try handle(engine.takeOutput(), session) }

    func handle(_ output: EngineOutput, _ session: RecordingSession) throws {
        guard !output.isEmpty else { return }
        for (index, entry) in output.ledger.enumerated() {
            let dropped = index > 0 ? output.ledger[index - 1] : nil
            // One line for a counter that is not believed, and not one for each of its readings.
            let isNews = dropped?.point != entry.point || dropped?.verdict != .glitch || dropped?.advance != nil
            try put(entry, alerting: isNews, session)
        }
        let late = try store(output.closed, session)
        for (indicator, fit) in output.fits { try note(fit, of: indicator, session) }
        let closed = output.closed + (try closeCounted(session))
        for value in closed { try judge(value, session) }
        try conclude(session)
        for (user, stretch) in late { session.pending.revise(user, over: stretch, reason: "late-source") }
        for (indicator, stretch) in output.reopened {
            recomputation = nil
            session.pending.revise(indicator, over: stretch, reason: "late-advance")
            for user in users[indicator] where plan.indicators[user].counted?.day == indicator {
                session.pending.revise(user, over: stretch, reason: "late-advance")
            }
        }
        for (point, stretch) in output.reached {
            recomputation = nil
            try revisePast([point: [stretch]], reason: "late-advance", session)
        }
        try settle(session)
        if !verifying.isEmpty { try reopenFailed(in: Set(closed.map(\.indicator)), session) }
    }

    /// Stores values in the order in which they closed, and returns which indicators have been closed over them already:
    /// a window of an indicator over others may close by a grace shorter than theirs, also in the same breath.
    func store(
        _ closed: [IndicatorValue], _ session: RecordingSession
    ) throws -> [(indicator: Int, stretch: Window)] {
        var late: [(indicator: Int, stretch: Window)] = []
        for value in closed {
            for user in users[value.indicator] {
                guard let closedEnd = closedEnds[user], closedEnd >= value.window.end else { continue }
                late.append((user, value.window))
            }
            try session.writer.put(value: value)
            closedEnds[value.indicator] = value.window.end
            session.summary.windows += 1
        }
        return late
    }

    private func put(_ entry: LedgerEntry, alerting isNews: Bool, _ session: RecordingSession) throws {
        let place = Window(start: entry.time, end: entry.time + 1)
        let stored = try session.writer.ledger(entry.point, in: place).first
        guard stored != entry else { return }
        try session.writer.replaceLedger(entry.point, in: place, with: [entry])
        session.pending.touch(entry.point, Window(start: entry.time, end: entry.lastSuspect + 1))
        session.journal(.ledger(entry, point: plan.points[Int(entry.point)].name, at: session.time))
        if entry.verdict == .suspect, stored == nil, isNews {
            try session.alert(.counterSuspect(entry, point: plan.points[Int(entry.point)], calendar: plan.calendar))
        }
    }
}
