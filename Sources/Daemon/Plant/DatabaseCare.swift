import Conformity
import Logging
import Metering
import PlantConfiguration
import Platform
import RecordKeeping
import Recording
import Storage
import Synchronization

/// The care of the database between the recorder's rounds: it is tidied once a minute, and what can be read of a damaged
/// one is taken over, some pages a round.
final class DatabaseCare: Sendable {
    /// How far a damaged database has been read that was set aside.
    private enum Salvaging {
        /// Nobody has looked yet whether there is one.
        case unknown
        /// Some of its pages are still to be read, the next ones at that moment.
        case underWay(next: Int64)
        /// There is none, or all that can be read of it is part of the record.
        case over
    }

    private struct State {
        var nextTidying: Int64
        /// When memory is given back next.
        var nextGiving: Int64
        var salvaging = Salvaging.unknown
        /// Readings that were deleted before a target had them and of which nobody was told yet, by target.
        var unsent: [String: Int] = [:]
        /// When that is told next.
        var nextTelling: Int64 = 0
    }

    /// Milliseconds between two tidyings, and to the next try of what failed.
    private static let interval: Int64 = 60_000
    /// Milliseconds after which the start is over: its code and its memory are not needed again.
    private static let startup: Int64 = 5000
    /// Milliseconds between two times at which memory is given back: what a closed window or a nonconformity needed is soon
    /// not needed again.
    private static let giving: Int64 = 30_000
    /// Milliseconds between two times at which it is said how much was deleted that a target had not got.
    private static let telling: Int64 = 3_600_000

    private let store: PlantStore
    private let logger: Logger
    private let steady: @Sendable () -> Int64
    private let state: Mutex<State>

    /// The care of a store; `steady` gives milliseconds that pass evenly.
    init(
        _ store: PlantStore, logger: Logger,
        steady: @escaping @Sendable () -> Int64 = WallClock.steadyMilliseconds
    ) {
        self.store = store
        self.logger = logger
        self.steady = steady
        let now = steady()
        state = Mutex(
            State(nextTidying: now + DatabaseCare.interval, nextGiving: now + DatabaseCare.startup))
    }

    /// Whether some pages of a damaged database are still to be read.
    var isSalvaging: Bool { if case .underWay = state.withLock({ $0.salvaging }) { true } else { false } }

    /// Does a step of the tidying where it is due, one a round until all is tidy: retention, joining of small chunks,
    /// giving back of pages.
    ///
    /// - Returns: how many readings are gone that a forward target had not got, by target, when it is time to say so.
    @discardableResult
    func tidy(_ retention: Plant.Storage, now: Instant) throws -> [String: Int] {
        let steady = steady()
        guard state.withLock({ steady >= $0.nextTidying }) else { return [:] }
        let report = try store.tidy(
            now: now, readings: retention.readingRetention, indicators: retention.indicatorRetention)
        return state.withLock { state in
            state.unsent.merge(report.unsent) { $0 + $1 }
            guard report.isDone else { return [:] }
            state.nextTidying = steady + DatabaseCare.interval
            guard !state.unsent.isEmpty, steady >= state.nextTelling else { return [:] }
            state.nextTelling = steady + DatabaseCare.telling
            defer { state.unsent = [:] }
            return state.unsent
        }
    }

    /// Gives back what only the start needed, once it is over, and from then on what was needed for a while.
    func settleDown() {
        let steady = steady()
        let isTime = state.withLock { state in
            guard steady >= state.nextGiving else { return false }
            state.nextGiving = steady + DatabaseCare.giving
            return true
        }
        if isTime { FreedMemory.giveBack() }
    }

    /// Takes over some pages of a damaged database, where there is one; `recorder` is told of the readings when all are
    /// there.
    func salvage(with recorder: Recorder, now: Instant) {
        let steady = steady()
        switch state.withLock({ $0.salvaging }) {
        case .over: return
        case .underWay(let next) where steady < next: return
        case .unknown, .underWay: break
        }
        do {
            guard let report = try store.salvageStep() else { return put(.over) }
            put(.underWay(next: steady))
            guard report.isDone else { return }
            let clock = try store.read { try $0.note("salvage.clock") }.flatMap(Int64.init)
            if let clock { try recorder.takeReturned(upTo: Instant(milliseconds: clock), now: now) }
            let alert = RecordedAlert(salvaged: report)
            try recorder.note(JournalEntry("database.salvaged", at: now, alert.details), alert, now: now)
            logger.notice("\(alert.message)")
            put(.over)
        } catch {
            // Recording goes on whatever comes of it.
            logger.error("the damaged database cannot be read on now", metadata: ["error": "\(error)"])
            put(.underWay(next: steady + DatabaseCare.interval))
        }
    }

    private func put(_ salvaging: Salvaging) { state.withLock { $0.salvaging = salvaging } }
}
