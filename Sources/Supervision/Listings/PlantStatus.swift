import Acquisition
import Conformity
import Foundation
import Metering
import Storage

/// The whole plant at one moment, in the facts that the status is told from.
struct PlantStatus {
    struct Meter {
        var name: String
        var title: String?
        var link: String
        var quality: Quality?
        var lastAnswer: Instant?
    }

    struct Disk {
        /// Bytes free where the database stands.
        var free: Int64
        /// Bytes of the database.
        var database: Int64
    }

    let time: Instant
    let card: PlantCard
    let live: LiveState?
    let recordStart: Instant?
    let newest: Instant?
    /// Measured points by the quality of their newest reading.
    let good, uncertain, bad, silent: Int
    /// The measured points whose newest reading is bad, with why.
    let badPoints: [(name: String, reason: Reason)]
    let meters: [Meter]
    let open: [Nonconformity]
    let disk: Disk?

    init(_ page: Page) throws {
        time = page.now
        card = page.record.card
        live = page.record.live?()
        recordStart = try page.reader.recordStart()
        let readings = try page.newestReadings()
        newest = readings.compactMap { $0?.time }.max()
        let measured = zip(page.names.points, readings).filter { !$0.0.isDerived }
        good = measured.count { $0.1?.quality == .good }
        uncertain = measured.count { $0.1?.quality == .uncertain }
        bad = measured.count { $0.1?.quality == .bad }
        silent = measured.count { $0.1 == nil }
        badPoints = measured.compactMap { point, reading in
            reading?.quality == .bad ? (point.name, reading?.reason ?? .none) : nil
        }
        let live = live
        meters = card.meters.map { meter in
            let condition = page.condition(of: meter.name, readings)
            return Meter(
                name: meter.name, title: meter.title, link: meter.link, quality: condition.quality,
                lastAnswer: [live?.meter(meter.name)?.lastAnswer, condition.lastUsable].compactMap { $0 }.max())
        }
        open = try page.reader.openNonconformities()
        disk = PlantStatus.disk(of: page.record.store)
    }

    /// Whether no point is bad, no link down, and no nonconformity ongoing.
    var isInOrder: Bool {
        bad == 0 && !open.contains { $0.condition == .ongoing } && !(live?.links.contains(where: \.isDown) ?? false)
            && live?.faults.isEmpty ?? true
    }

    private static func disk(of store: PlantStore) -> Disk? {
        guard let free = DiskSpace(of: store.directory)?.free else { return nil }
        let database = ["", "-wal"].reduce(Int64(0)) { sum, suffix in
            var file = stat()
            return stat(store.path + suffix, &file) == 0 ? sum + Int64(file.st_size) : sum
        }
        return Disk(free: free, database: database)
    }
}

extension LinkHealth {
    /// Whether a connection is wanted and there is none.
    var isDown: Bool { isLost || (!connected && reason != .none) }
}
