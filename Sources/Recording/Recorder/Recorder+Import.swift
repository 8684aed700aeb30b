import Conformity
import Indicators
import Metering
import PlantAPI
import Platform
import RecordKeeping
import Storage

/// A person's readings taken in beside polling: recorded files, a piece at a time, and figures that were read off a meter.
///
/// Pieces are only stored, and counters decided again, so that none holds the recorder up for long; what windows make of them
/// is computed when the last piece has come (``endImport(now:)``), between the recorder's rounds.
extension Recorder {
    /// A piece of an import.
    package struct ImportPiece: Sendable {
        /// Which import it belongs to: the same for all its pieces.
        package var id: String
        package var by: String
        package var files: [String]
        package var reason: String?
        /// In order of time.
        package var readings: [Reading]

        /// A piece.
        package init(id: String, by: String, files: [String], reason: String?, readings: [Reading]) {
            self.id = id
            self.by = by
            self.files = files
            self.reason = reason
            self.readings = readings
        }
    }

    /// Seconds after which an import of which nothing comes any more is ended.
    private static let importPatience = Duration.seconds(60)

    /// Stores a piece; returns how many of its readings changed what is stored.
    ///
    /// Throws a ``CommandError`` where another import is under way.
    package func takeIn(_ piece: ImportPiece, now: Instant) throws -> Int {
        if !imports.isEmpty, imports.id != piece.id {
            guard isImportAbandoned else {
                throw CommandError(
                    .unreachable, "an import by \(imports.by) is under way: try again when it has ended", matter: .busy)
            }
            try endImport(now: now)
        }
        lastPiece = .now
        return try transact(now: now) { session in
            let before = session.summary.readings
            var begun = imports
            (begun.id, begun.by, begun.files, begun.reason) = (piece.id, piece.by, piece.files, piece.reason)
            if recordStart == nil {
                try take(piece.readings, session)
                note(piece.readings, session.summary.readings - before, &begun)
            } else {
                let novel = try session.writer.append(piece.readings, stayHot: isLive)
                session.summary.readings += novel.count
                note(novel, novel.count, &begun)
                let late = novel.filter { !engine.admits($0.time) }
                for (point, stretches) in try reach(of: late, through: engine.clock, session) {
                    begun.add(stretches, of: plan.points[Int(point)].name)
                }
                try feed(novel.filter { engine.admits($0.time) }.sorted { $0.time < $1.time }, session)
            }
            begun.begin = begun.begin ?? recordStart?.milliseconds
            imports = begun
            try imports.keep(in: session.writer)
            return session.summary.readings - before
        }
    }

    private func note(_ readings: [Reading], _ count: Int, _ begun: inout ImportedStretches) {
        begun.readings += count
        for reading in readings {
            begun.first = min(begun.first, reading.time.milliseconds)
            begun.last = max(begun.last, reading.time.milliseconds)
        }
    }

    /// Has everything computed again, between the rounds, that an import touches, and writes into the journal that it was, or
    /// `entry` in place of that; returns how many readings it changed. Without an import it does nothing.
    @discardableResult
    package func endImport(now: Instant, saying entry: JournalEntry? = nil) throws -> Int {
        guard !imports.isEmpty else { return 0 }
        let done = imports
        let isTouched = try transact(now: now) { session -> Bool in
            recomputation = nil
            var stretches: [Int: [Window]] = [:]
            var beginning: Window?
            if let begin = done.begin.map(Instant.init(milliseconds:)), done.readings > 0 {
                let first = Instant(milliseconds: done.first)
                if first < begin {
                    recordStart = min(recordStart ?? first, first)
                    // Every indicator has every window that ends after the record begins (Rules 7).
                    let gained = Window(start: first, end: begin + 1)
                    for index in plan.indicators.indices { stretches[index] = [gained] }
                    doubtPeriod(of: begin, session)
                    beginning = gained
                }
            }
            var reached: [PointIndex: [Window]] = [:]
            for point in plan.measuredPoints {
                guard let own = done.reached[plan.points[Int(point)].name] else { continue }
                let windows = own.map {
                    Window(start: Instant(milliseconds: $0[0]), end: Instant(milliseconds: $0[1]))
                }
                reached[point] = windows
                for window in windows { session.pending.touch(point, window) }
                for user in users(of: point) { stretches[user, default: []] += windows }
            }
            try revisePast(reached, beginning, reason: Recorder.importReason, session)
            for (index, stretches) in stretches {
                for stretch in merged(stretches) {
                    session.pending.revise(index, over: stretch, reason: Recorder.importReason)
                }
            }
            session.journal(
                entry
                    ?? .imported(
                        at: session.time, files: done.files, configuration: plant.digest, readings: done.readings,
                        ImportAccount(done)))
            imports = ImportedStretches()
            try imports.keep(in: session.writer)
            return !reached.isEmpty
        }
        // Open windows are made up anew with what came in.
        if isTouched { beginAnew() }
        return done.readings
    }

    /// Readings of the import under way that changed what is stored.
    package var imported: Int { imports.readings }

    /// Ends an import of which nothing has come for a while: whoever did it is gone, and what came counts.
    package func endAbandonedImport(now: Instant) throws {
        if isOpen, isImportAbandoned { try endImport(now: now) }
    }

    private var isImportAbandoned: Bool {
        !imports.isEmpty && lastPiece.map { MonotonicMoment.now - $0 > Recorder.importPatience } ?? true
    }

    /// What stands in the journal beside revisions that an import made.
    static let importReason = "import"
}

extension ImportAccount {
    fileprivate init(_ done: ImportedStretches) {
        self.init(
            by: done.by, reason: done.reason,
            first: done.readings > 0 ? Instant(milliseconds: done.first) : nil,
            last: done.readings > 0 ? Instant(milliseconds: done.last) : nil)
    }
}
