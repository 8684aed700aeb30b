import Indicators
import Metering
import PlantConfiguration
import RecordKeeping
import Storage

/// Makes everything once more that a record makes of its readings, by the configurations of their time, with the recorder
/// that live operation and replay use (Rules 7 and 13).
///
/// What it makes stands in a scratch store, to be held against the record. Late readings stand where they belong here, so
/// what comes out is what the final revisions must be.
package final class Retrace {
    /// A configuration and up to when it was in force.
    package struct Stage: Sendable {
        package let version: Int
        package let plant: Plant
        /// From when on.
        package let since: Instant
        /// When the next one came into force; nil: it still is.
        package let until: Instant?

        /// A configuration of that version.
        package init(version: Int, plant: Plant, since: Instant, until: Instant?) {
            (self.version, self.plant, self.since, self.until) = (version, plant, since, until)
        }
    }

    /// The configurations to go through, the first one in force where it begins.
    package let stages: [Stage]
    private let scratch: PlantStore
    private let begin: Instant?
    private let end: Instant
    /// Called after each portion with how many readings were gone over since the last call, and how far it has come.
    package var madeProgress: (_ readings: Int, _ position: Instant) throws -> Void = { _, _ in }
    /// The recorder of the last stage.
    private var recorder: Recorder?
    private static let portion = 500_000

    /// A retrace over a scratch store that was seeded as of `begin` (nil: the beginning), up to `end`.
    ///
    /// A stage after `end` comes into force with nothing read before it: it may have renamed what a part of a record has,
    /// and what is new with it has its past in the part.
    package init(_ stages: [Stage], scratch: PlantStore, from begin: Instant?, through end: Instant) {
        self.stages = stages
        self.scratch = scratch
        self.begin = begin
        self.end = end
    }

    /// Goes through all readings; windows are closed that a running daemon has closed when its clock stands at the end.
    package func run() throws {
        for (place, stage) in stages.enumerated() {
            let recorder = Recorder(store: scratch, plant: stage.plant, isLive: false)
            // What comes into force is dated as the record has it; the first one finds itself in force, or begins.
            let begins = place == 0 ? (begin ?? .distantPast) : stage.since
            recorder.horizon = begins
            try recorder.start(at: begins, running: self.recorder)
            if let before = self.recorder { try recorder.decide(through: begins, unknownTo: before) }
            self.recorder = recorder
            let last = max(begins, min(stage.until ?? end, end))
            recorder.horizon = last
            try go(recorder, after: begins, through: last)
        }
        try recorder?.completeThrough(end)
    }

    /// Closes also what a replay closes at the end of its files.
    package func finish() throws { try recorder?.finish() }

    /// By the database's number of an indicator, the end of the window closed last.
    package func closedEnds() throws -> [Int64: Instant] {
        guard let recorder else { return [:] }
        return try scratch.read { reader in
            var ends: [Int64: Instant] = [:]
            for (index, end) in recorder.closedEnds.enumerated() { ends[reader.number(ofIndicator: index)] = end }
            return ends
        }
    }

    private func go(_ recorder: Recorder, after begins: Instant, through last: Instant) throws {
        guard begins < last else { return }
        let first = begins == .distantPast ? begins : begins + 1
        let starts = Dictionary(uniqueKeysWithValues: recorder.plan.measuredPoints.map { ($0, first) })
        var position = try scratch.read { reader in
            begins > .distantPast ? first : try reader.recordStart() ?? last + 1
        }
        var slice: Int64?
        while position <= last {
            let readings = try scratch.read { reader -> [Reading] in
                var feed = StoredFeed(
                    reader, from: starts, until: last + 1, at: position, slice: slice, most: Retrace.portion)
                defer { (position, slice) = (feed.position, feed.slice) }
                return try feed.next() ?? []
            }
            if !readings.isEmpty { try recorder.record(readings, areStored: true, now: nil) }
            try madeProgress(readings.count, min(position, last))
        }
    }
}

extension Recorder {
    /// Puts the plant's configuration in force at an instant, in place of the one that `running` works by, and begins.
    fileprivate func start(at instant: Instant, running: Recorder?) throws {
        let coming = ComingIntoForce(
            store: store, plant: plant, load: ConfigurationLoad(.replay, by: ""), isLive: false, horizon: instant)
        version = try coming.run(now: nil, cut: instant, running: running).version
        try begin(now: nil)
    }

    /// Decides about readings of counters that the recorder before did not know, as far as they were made by then: on record they
    /// came late.
    fileprivate func decide(through instant: Instant, unknownTo before: Recorder) throws {
        guard let recordStart, instant > recordStart else { return }
        try transact(now: nil) { session in
            let past = try session.writer.seen(by: StoreNames(before.plant), ofVersion: before.version ?? .max)
            let known = Set(before.plan.points.indices.map { past.number(ofPoint: PointIndex($0)) })
            for point in plan.measuredPoints where plan.points[Int(point)].kind == .counter {
                guard !known.contains(session.writer.number(ofPoint: point)),
                    let last = try session.writer.lastReading(point, before: instant + 1, usable: false)
                else { continue }
                let times = Window(start: recordStart, end: max(recordStart, last.time))
                _ = try reviseLedger(of: point, around: times, through: instant, session)
            }
        }
    }

    /// Closes what is over when the clock stands at an instant and no reading before it can come any more.
    fileprivate func completeThrough(_ instant: Instant) throws {
        guard recordStart != nil else { return }
        if isFar(instant) { while try !passOn(to: instant, now: nil) {} }
        try transact(now: nil) { session in
            engine.complete(through: instant)
            try drain(session)
        }
        while isWorkLeft { try workOff(for: 1000, now: nil) }
    }
}
