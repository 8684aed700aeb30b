import Conformity
import Indicators
import Metering
import RecordKeeping
import Storage

extension Recorder {
    /// Takes readings that are later than all before them without storing them yet; the engine looks at them at once.
    ///
    /// They are stored by the next ``commit(now:tail:)``, or whatever else writes. Whoever holds them sees to it that
    /// they are not lost (``ReadingTail``).
    package func hold(_ readings: [Reading]) {
        unstored.readings += readings
        lookAhead()
    }

    /// The same for time that only passes; no later reading may be before `now`.
    package func holdOn(to now: Instant) {
        guard isOpen, unstored.taken == unstored.readings.count, !unstored.isUrgent, timeToPass(to: now) == nil else {
            return
        }
        engine.pass(to: now)
        unstored.take(engine.takeOutput(), self)
    }

    /// Whether what is held should be stored now: somebody is to be told something, a decision is to be recorded, or the
    /// engine cannot take it as it came, or it is much. A window that closed and only says that all goes on well is not
    /// worth it.
    package var isCommitDue: Bool {
        !isOpen || unstored.isUrgent || unstored.taken < unstored.readings.count
            || unstored.readings.count >= Recorder.mostHeld
    }

    /// So many readings are worth a commit whatever they say: 6 MB, and several times that while they are stored.
    private static let mostHeld = 250_000

    /// Whether a window has closed that is not stored yet.
    package var holdsWindows: Bool { !unstored.outputs.isEmpty }

    /// Whether anything is held.
    package var holdsAny: Bool { held > 0 }

    /// Readings that are held.
    package var held: Int { unstored.readings.count }

    /// Stores what is held and what the engine found in it, in one transaction, the newest instant included: no reading
    /// at or before `through` (by default `now`) may follow. `tail` is the last block of the tail that holds none but these readings and earlier
    /// ones.
    package func commit(now: Instant, through: Instant? = nil, tail: Int64? = nil) throws {
        let through = through ?? now
        guard !isOpen || holdsAny || !unstored.outputs.isEmpty else { return }
        if unstored.taken == 0, unstored.readings.count > portion { try commitBacklog(now: now) }
        try transact(now: now) { session in
            // What time has to pass before stays held, and the tail keeps it.
            guard session.isAllTaken, !isFar(through) else { return }
            engine.complete(through: through)
            try drain(session)
            if let tail { try session.writer.noteTail(tail) }
        }
    }

    /// Stores what waits beyond a portion a portion at a time: what has been stored stays so, whatever comes then.
    private func commitBacklog(now: Instant) throws {
        while unstored.readings.count > portion {
            let later = unstored.readings[portion...]
            unstored.readings.removeLast(later.count)
            defer { unstored.readings += later }
            try transact(now: now) { _ in }
            madeProgress()
            guard unstored.readings.isEmpty else { return }
        }
    }

    /// What is held and would be shown of it: without it, the store says how things were at the last commit.
    package var heldNews: HeldNews {
        var news = HeldNews()
        let measured = plan.measuredPoints.count
        for reading in unstored.readings.reversed() where news.readings[reading.point] == nil {
            news.readings[reading.point] = reading
            if news.readings.count == measured { break }
        }
        for output in unstored.outputs { for value in output.closed { news.values[value.indicator] = value } }
        return news
    }

    /// Writes an event of the plant itself into the journal and, where a line is given, to the alerts.
    ///
    /// What `also` writes is written with it, in the same transaction.
    package func note(
        _ entry: JournalEntry, _ alert: RecordedAlert? = nil, now: Instant?,
        also: (StoreWriter) throws -> Void = { _ in }
    ) throws {
        try transact(now: now, opens: !isLive) { session in
            try also(session.writer)
            session.journal(entry)
            if let alert { try session.alert(alert) }
        }
    }

    /// The open windows of every indicator as far as they are known; none while all since an absence are still to be closed.
    package func provisionalValues(at now: Instant) -> [IndicatorValue] {
        isOpen && !isFar(now) ? engine.provisionalValues(at: now) : []
    }

    /// Feeds the engine as long as it finds nothing urgent.
    private func lookAhead() {
        guard isOpen, recordStart != nil, !unstored.isUrgent else { return }
        var last = unstored.taken > 0 ? unstored.readings[unstored.taken - 1].time : Instant.distantPast
        for reading in unstored.readings[unstored.taken...] {
            guard engine.admits(reading.time), reading.time >= last else { return }
            last = reading.time
        }
        guard passable(unstored.readings[unstored.taken...]) == unstored.readings.count - unstored.taken else { return }
        while unstored.taken < unstored.readings.count, !unstored.isUrgent {
            unstored.taken = engine.take(unstored.readings, from: unstored.taken)
            unstored.take(engine.takeOutput(), self)
        }
    }

    /// Stores what is held, and goes on where the engine stopped; returns what has to wait until time has passed.
    func takeHeld(_ session: RecordingSession) throws -> [Reading] {
        let count = unstored.taken + passable(unstored.readings[unstored.taken...])
        let left = Array(unstored.readings[count...])
        session.isAllTaken = left.isEmpty
        unstored.readings.removeLast(left.count)
        // Where it fails nothing is lost of what waits.
        defer { unstored.readings += left }
        try storeHeld(session)
        return left
    }

    private func storeHeld(_ session: RecordingSession) throws {
        guard unstored.taken > 0 else {
            for output in unstored.outputs { try handle(output, session) }
            if !unstored.readings.isEmpty { try take(unstored.readings, session) }
            return
        }
        let novel = try session.writer.append(unstored.readings, stayHot: true)
        // The engine has seen what is stored already: it must be asked again without.
        guard novel.count == unstored.readings.count else { throw SeenBefore() }
        session.summary.readings += novel.count
        for output in unstored.outputs { try handle(output, session) }
        let rest = Array(unstored.readings[unstored.taken...])
        // One that comes late needs what is stored around it.
        guard rest.allSatisfy({ engine.admits($0.time) }) else { throw SeenBefore() }
        try feed(rest, session)
    }
}

/// The newest of what is held.
package struct HeldNews {
    /// By point, the newest reading.
    package var readings: [PointIndex: Reading] = [:]
    /// By indicator, the window closed last.
    package var values: [Int: IndicatorValue] = [:]
}

/// The engine has looked ahead at readings that are stored already.
struct SeenBefore: Error {}
