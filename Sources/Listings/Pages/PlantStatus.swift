import Acquisition
import ConfigurationSource
import Conformity
import Foundation
import ManagementSystem
import Metering
import PlantConfiguration
import Platform
import RecordKeeping
import Recording
import Storage

/// The whole plant at one moment, in the facts that the status is told from.
struct PlantStatus {
    struct Meter {
        var name: String
        var title: String?
        var link: String
        var quality: Quality?
        /// Why, where all its points are bad for one reason.
        var reason: Reason?
        var lastAnswer: Instant?
        /// Whether a slot of it is over since the daemon started; true offline, and of a meter that has no link and is never asked.
        var wasAsked: Bool
        /// Whether its link is down.
        var isCutOff: Bool
    }

    struct Disk {
        /// Bytes free where the database stands.
        var free: Int64
        /// Bytes of the database.
        var database: Int64
        /// Whether less is free than is to be kept free.
        var isLow: Bool
    }

    let time: Instant
    let plantSummary: PlantSummary
    let live: LiveState?
    let recordStart: Instant?
    let newest: Instant?
    /// Measured points by the quality of their newest reading.
    let good, uncertain, bad, silent: Int
    /// The measured points whose newest reading is bad, with why.
    let badPoints: [(name: String, reason: Reason)]
    let meters: [Meter]
    let open: [Nonconformity]
    /// The names of the objectives, by which forecasts name theirs.
    let objectives: [String]
    /// The meters whose check is late or soon will be.
    let checks: [DueCheck]
    /// By their numbers, what of them is overdue.
    let overdue: [String: String]
    /// Read offline, the nonconformities whose evidence is not as it was recorded; a daemon says so among its faults.
    let damaged: [(id: String, faults: [String])]
    let disk: Disk?
    /// The head of the journal that was signed last; nil: none was.
    let head: HeadRecord?

    init(_ page: Page) throws {
        time = page.now
        plantSummary = page.record.plantSummary
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
        let points = page.pointsByMeter()
        let alive = Dictionary((live?.links ?? []).flatMap(\.meters).map { ($0.meter, $0) }) { first, _ in first }
        let cutOff = Set((live?.links ?? []).filter(\.isDown).map(\.link))
        meters = try plantSummary.meters.map { meter in
            let known = alive[meter.name]
            let condition = try page.condition(
                of: points[meter.name[...]] ?? [], readings, answered: known?.lastAnswer)
            // Not asked, because it does not answer: why it does not is what helps.
            let isRested = condition.reason == .skipped && known?.isLost == true
            return Meter(
                name: meter.name, title: meter.title, link: meter.link, quality: condition.quality,
                reason: isRested ? known?.reason : condition.reason, lastAnswer: condition.lastAnswer,
                wasAsked: live == nil || meter.link.isEmpty || (known?.polls ?? 0) + (known?.restedSlots ?? 0) > 0,
                isCutOff: cutOff.contains(meter.link))
        }
        let open = try page.reader.openNonconformities()
        self.open = open
        objectives = page.names.objectives.map(\.name)
        overdue = try Dictionary(
            uniqueKeysWithValues: open.compactMap { found in
                try page.overdue(found).map { (found.id, $0) }
            })
        // What cannot be read of them is told by their own listing, and nothing else waits for it.
        let known = (try? ManagementRecords.calibrations(in: page.reader)) ?? []
        checks = page.record.plant?.register.dueChecks(known, at: page.now) ?? []
        head = try page.reader.newestHead()
        damaged = live == nil ? try page.reader.damagedEvidence() : []
        disk = PlantStatus.disk(of: page.record.store, keeping: page.record.plant?.storage.keepFree)
    }

    /// Whether nothing is wrong: see ``problems``.
    var isInOrder: Bool { problems.isEmpty }

    /// The answer of every view's first line: not in order and why, or well and what waits for people.
    var headline: String {
        let problems = problems
        guard problems.isEmpty else { return "\(plantSummary.site): NOT in order: \(problems.joined(separator: ", "))" }
        let waiting =
            switch open.count {
            case 0: ""
            case 1: "; 1 nonconformity waits for people"
            default: "; \(open.count) nonconformities wait for people"
            }
        // A record without a reading says nothing of the plant; a running daemon says which meters were not asked yet.
        if recordStart == nil, live == nil { return "\(plantSummary.site): nothing is on record yet\(waiting)" }
        return "\(plantSummary.site): all is well\(waiting)\(lateChecks.map { "; " + $0 } ?? "")"
    }

    /// What is not in order, in clauses, the gravest kinds first: whatever somebody has to look after.
    var problems: [String] {
        var problems: [String] = []
        func count(_ number: Int, _ one: String, _ many: String) {
            if number > 0 { problems.append(number == 1 ? "1 \(one)" : "\(number) \(many)") }
        }
        count(live?.faults.count ?? 0, "fault of the daemon", "faults of the daemon")
        count(live?.leftOut ?? 0, "value left out", "values left out")
        if !damaged.isEmpty { problems.append("evidence damaged of \(damaged.map(\.id).joined(separator: ", "))") }
        if disk?.isLow == true { problems.append("the disk is low") }
        count(open.count { $0.condition == .ongoing }, "nonconformity ongoing", "nonconformities ongoing")
        count(live?.links.count(where: \.isDown) ?? 0, "link down", "links down")
        count(meters.count { !$0.wasAsked }, "meter not asked yet", "meters not asked yet")
        count(bad, "point bad", "points bad")
        return problems
    }

    /// The bad points that no row of their meter or link explains.
    var unexplainedPoints: [(name: String, reason: Reason)] {
        let explained = Set(meters.filter { $0.isCutOff || $0.reason != nil }.map(\.name))
        return badPoints.filter { point in
            !explained.contains(point.name.split(separator: ".").first.map(String.init) ?? "")
        }
    }

    private static func disk(of store: PlantStore, keeping floor: KeptSpace?) -> Disk? {
        guard let space = DiskSpace(of: store.directory) else { return nil }
        let database = ["", "-wal"].reduce(Int64(0)) { sum, suffix in
            var file = stat()
            return stat(store.path + suffix, &file) == 0 ? sum + Int64(file.st_size) : sum
        }
        let isLow = floor.map { space.free < $0.bytes(of: space.total) } ?? false
        return Disk(free: space.free, database: database, isLow: isLow)
    }
}

extension LinkHealth {
    /// Whether a connection is wanted and there is none.
    package var isDown: Bool { isLost || (!connected && reason != .none) }
}
