import Conformity
import Indicators
import Metering
import Platform
import RecordKeeping
import Storage

/// How far a recorder has come with making its judges and its engine anew.
///
/// It lives in memory only, and but for its last piece it only reads: killed, it is begun again.
final class Preparation {
    /// What the definitions are now, where the store does not remember them so; kept with the last piece, together with
    /// what follows from the changes.
    let record: DefinitionRecord?
    /// What differs from a date on.
    let changes: [DefinitionChange]
    /// How far the record had been looked at; nil: as the store says.
    let clock: Instant?
    /// The objective whose judge is made next.
    var objective = 0
    /// What the changes have computed again; nil: not looked at yet.
    var revised: (stretches: [Int: [Window]], reached: [PointIndex: [Window]])?
    /// The engine, as far as it is made.
    var engine: EnginePreparation?

    init(_ record: DefinitionRecord?, _ changes: [DefinitionChange], clock: Instant?) {
        (self.record, self.changes, self.clock) = (record, changes, clock)
    }
}

extension Recorder {
    /// Makes state and judges what the store says they were at its last commit, and closes what is due; what a changed
    /// definition makes of closed windows is computed again.
    func rebuild(_ session: RecordingSession, clock: Instant? = nil) throws {
        let preparation = try beginPreparing(session, clock: clock)
        _ = try goOnPreparing(preparation, until: nil, session)
        let stretches = preparation.revised?.stretches ?? [:]
        _ = try goOnOpening(until: nil, session)
        try resume(session)
        doubtRestated(stretches, session)
        for (index, stretches) in stretches {
            for stretch in stretches { session.pending.revise(index, over: stretch, reason: "definition-changed") }
        }
        try settle(session)
    }

    /// Begins to make judges and engine what the store says they were.
    func beginPreparing(_ session: RecordingSession, clock: Instant? = nil) throws -> Preparation {
        (recomputation, judgingAgain, newcomers) = (nil, nil, nil)
        recomputations = try RecomputationQueue(from: session.writer) { unreadable.append($0) }
        imports = try ImportedStretches(from: session.writer)
        let (record, changes) = try adoptDefinitions(session)
        try readEnds(session)
        recordStart = try session.writer.recordStart()
        closedEnds = try session.writer.lastClosed().map { $0?.end }
        countedThrough = [:]
        attention = AttentionMemory()
        return Preparation(record, changes, clock: clock)
    }

    /// Goes on with it until a moment, or to its end; whether it is done.
    func goOnPreparing(
        _ preparation: Preparation, until moment: MonotonicMoment?, _ session: RecordingSession
    ) throws -> Bool {
        func isOver() -> Bool { moment.map { MonotonicMoment.now >= $0 } ?? false }
        while preparation.objective < objectives.count {
            try restore(objectives[preparation.objective], session)
            preparation.objective += 1
            madeProgress()
            if isOver() { return false }
        }
        let clock = try preparation.clock ?? session.writer.clock()
        var end = moment
        // What an exchange decides about readings is written, and the engine begins at such decisions: both in one go.
        if preparation.changes.contains(where: \.isExchange) { end = nil }
        if preparation.revised == nil {
            verifying = try session.writer.livesBeingVerified()
            preparation.revised = try reviseLedgers(preparation.changes, through: clock, session)
            engine = IndicatorEngine(plan: plan)
        }
        if preparation.engine == nil {
            preparation.engine = try beginEngine(session, clock: clock)
            if isOver(), end != nil { return false }
        }
        guard try preparation.engine?.goOn(until: end, self, session) ?? true else { return false }
        state = .stale
        if let engine = preparation.engine { take(engine) }
        try preparation.record?.keep(in: session.writer)
        if let reached = preparation.revised?.reached, !reached.isEmpty {
            try revisePast(reached, reason: "definition-changed", session)
        }
        return true
    }
}

extension DefinitionChange {
    fileprivate var isExchange: Bool {
        if case .exchange = thing { return true }
        return false
    }
}
