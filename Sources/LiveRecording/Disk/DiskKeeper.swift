import Conformity
import Foundation
import Logging
import Metering
import PlantConfiguration
import Platform
import RecordKeeping
import Recording
import Storage
import Synchronization

/// Sees to it that the disk of the database does not run full: tells that it runs low, and then deletes the oldest raw
/// readings early, some at a time.
///
/// Indicators, verdicts, nonconformities and the journal are never deleted for it, nor readings that a window may still
/// need. It has a thread of its own, because it must work also while the recorder cannot write.
package final class DiskKeeper: Sendable {
    private struct State {
        var watch = DiskWatch()
        /// Readings deleted early since the disk was told to be low.
        var thinned = 0
        /// Whether there is nothing that may be deleted, as was last found.
        var isBare = false
        /// What was low and could not be told, because nothing could be written.
        var untold: DiskSpace?
    }

    private static let chunks = 4
    private static let steps = 64
    /// Steps in a row that may give no room before the next look.
    private static let vainSteps = 2

    private let store: PlantStore
    private let logger: Logger
    private let state = Mutex(State())
    /// The plant in force, which a reload changes.
    private let plant: @Sendable () -> Plant
    private let space: @Sendable () -> DiskSpace?
    private let say: @Sendable (RecordedAlert) throws -> Void

    /// A keeper of the store's disk; `say` records an alert, and `space` looks at the disk.
    package init(
        _ store: PlantStore, plant: @escaping @Sendable () -> Plant, logger: Logger,
        space: (@Sendable () -> DiskSpace?)? = nil,
        say: @escaping @Sendable (RecordedAlert) throws -> Void
    ) {
        self.store = store
        self.logger = logger
        let directory = store.directory
        self.space = space ?? { DiskSpace(of: directory) }
        self.say = say
        self.plant = plant
    }

    /// Readings younger than that stay.
    private static func kept(_ plant: Plant) -> Int64 {
        // A start computes the open windows from their readings; those of a year have to do without their beginning.
        let longest = plant.plan.indicators.map { $0.rule.nominalLength + ($0.grace ?? 0) }.max() ?? 0
        return max(86_400_000, min(longest, 35 * 86_400_000))
    }

    /// Whether the disk is low, as was told.
    package var isLow: Bool { state.withLock { $0.watch.isLow } }

    /// Looks at the disk and does what is to be done about it now.
    package func look(now: Instant) {
        guard let seen = space() else { return }
        let plant = plant()
        state.withLock { $0.watch.floor = plant.storage.keepFree }
        if let untold = state.withLock({ $0.untold }) { tell(.low, untold) }
        let (news, wasLow) = state.withLock { ($0.untold == nil ? $0.watch.look(seen) : nil, $0.watch.isLow) }
        if let news { tell(news, seen) }
        let least = state.withLock { $0.watch.floor }.bytes(of: seen.total)
        guard seen.free < least else { return state.withLock { $0.isBare = false } }
        // The alert comes first; on a disk that is full to the last byte it cannot be written before there is room.
        if wasLow || !isLow { thin(until: least + least / 4, before: now - DiskKeeper.kept(plant)) }
    }

    private func tell(_ news: DiskWatch.News, _ seen: DiskSpace) {
        let (thinned, isAgain) = state.withLock { ($0.thinned, $0.untold != nil) }
        let alert: RecordedAlert =
            switch news {
            case .low: .diskLow(seen, directory: store.directory)
            case .enough: .diskOK(seen, directory: store.directory, thinned: thinned)
            }
        do {
            try say(alert)
        } catch {
            if !isAgain {
                logger.error("\(alert.message); it cannot be recorded now", metadata: ["error": "\(error)"])
            }
            if news == .low { state.withLock { $0.untold = seen } }
            return
        }
        logger.notice("\(alert.message)")
        state.withLock { state in
            state.watch.told(news)
            state.untold = nil
            if news == .enough { state.thinned = 0 }
        }
    }

    private func thin(until wanted: Int64, before instant: Instant) {
        var free = space()?.free ?? 0
        var vain = 0
        for _ in 0..<DiskKeeper.steps {
            do {
                let thinned = try store.thinReadings(before: instant, chunks: DiskKeeper.chunks)
                let isBare = thinned.chunks == 0
                let wasBare = state.withLock { state in
                    state.thinned += thinned.readings
                    defer { state.isBare = isBare }
                    return state.isBare
                }
                if let seen = space() {
                    if seen.free >= wanted { return }
                    // While somebody reads, the file does not shrink: to delete more would only lose more.
                    vain = seen.free > free ? 0 : vain + 1
                    if vain >= DiskKeeper.vainSteps { return }
                    free = seen.free
                }
                guard isBare else { continue }
                if !wasBare { logger.error("the disk is low, and no more readings can be deleted early: make room") }
                return
            } catch {
                logger.error("readings cannot be deleted early now", metadata: ["error": "\(error)"])
                return
            }
        }
    }
}
