import Indicators
import Metering
import Storage

extension Recorder {
    /// Takes readings that are later than all before them without storing them yet; the engine looks at them at once.
    ///
    /// They are stored by the next ``commit(now:tail:)``, or whatever else writes. Whoever holds them sees to it that
    /// they are not lost (``ReadingTail``).
    package func hold(_ readings: [Reading]) {
        ahead.readings += readings
        lookAhead()
    }

    /// The same for time that only passes; no later reading may be before `now`.
    package func holdOn(to now: Instant) {
        guard !isRebuildNeeded, ahead.taken == ahead.readings.count, ahead.output.isEmpty else { return }
        engine.pass(to: now)
        ahead.output = engine.takeOutput()
    }

    /// Whether what is held should be stored now: a window has closed, something was decided, or the engine cannot
    /// take it as it came.
    package var isCommitDue: Bool {
        isRebuildNeeded || !ahead.output.isEmpty || ahead.taken < ahead.readings.count
    }

    /// Whether anything is held.
    package var holdsAny: Bool { !ahead.readings.isEmpty }

    /// Stores what is held and what the engine found in it, in one transaction; `tail` is the last block of the tail
    /// that holds none but these readings and earlier ones.
    package func commit(now: Instant, tail: Int64? = nil) throws {
        guard isRebuildNeeded || holdsAny || !ahead.output.isEmpty else { return }
        try transact(now: now) { session in
            if let tail { try session.writer.noteTail(tail) }
        }
    }

    /// Feeds the engine as long as it finds nothing that has to be written.
    private func lookAhead() {
        guard !isRebuildNeeded, recordStart != nil, ahead.output.isEmpty else { return }
        var last = ahead.taken > 0 ? ahead.readings[ahead.taken - 1].time : Instant.distantPast
        for reading in ahead.readings[ahead.taken...] {
            guard engine.admits(reading.time), reading.time >= last else { return }
            last = reading.time
        }
        ahead.taken = engine.take(ahead.readings, from: ahead.taken)
        ahead.output = engine.takeOutput()
    }

    /// Stores what is held, and goes on where the engine stopped.
    func takeHeld(_ session: RecordingSession) throws {
        if ahead.taken > 0 {
            let novel = try session.writer.append(ahead.readings)
            // The engine has seen what is stored already: it must be asked again without.
            guard novel.count == ahead.readings.count else { throw SeenBefore() }
            session.summary.readings += novel.count
            try handle(ahead.output, session)
            try feed(Array(ahead.readings[ahead.taken...]), session)
        } else {
            try handle(ahead.output, session)
            if !ahead.readings.isEmpty { try take(ahead.readings, session) }
        }
    }
}

/// What a recorder holds, and how far its engine is ahead of the store in it.
struct RecordingAhead {
    /// In order of time.
    var readings: [Reading] = []
    /// How many of them the engine has taken.
    var taken = 0
    /// What the engine found in them.
    var output = EngineOutput()

    /// The engine has to begin again.
    mutating func forget() {
        taken = 0
        output = EngineOutput()
    }
}

/// The engine has looked ahead at readings that are stored already.
struct SeenBefore: Error {}
