import Acquisition
import Metering

extension Page {
    static let meterColumns = [
        ListingColumn("meter"), ListingColumn("title"), ListingColumn("link"), ListingColumn("unit", .number),
        ListingColumn("quality"),
        ListingColumn("age", .age),
        ListingColumn("polls", .number), ListingColumn("errors", .number), ListingColumn("rtt_ms", .number),
        ListingColumn("rtt_p99_ms", .number), ListingColumn("late_ms", .number), ListingColumn("skipped", .number),
        ListingColumn("causes"),
        ListingColumn("detail"),
    ]

    /// The meters; what only the daemon knows (polls, errors, times of answers) is empty offline.
    func meters() throws {
        let live = record.live?()
        let newest = try newestReadings()
        let points = pointsByMeter()
        var printer = printer(Page.meterColumns)
        if let name = query.name { _ = try index(of: name, in: record.plantSummary.meters.map(\.name), what: "meter") }
        for meter in record.plantSummary.meters where query.name == nil || query.name == meter.name {
            let life = live?.meter(meter.name)
            let condition = try condition(of: points[meter.name[...]] ?? [], newest, answered: life?.lastAnswer)
            guard wants(condition.quality?.text, .quality) else { continue }
            let link = live?.links.first { $0.link == meter.link && $0.isDown }
            try printer.row([
                .text(meter.name), .optional(meter.title), .text(meter.link), .count(meter.unit),
                .optional(condition.quality?.text),
                .optional(condition.lastAnswer.map { Double(max(0, now - $0)) / 1000 }), .optional(life?.polls),
                .optional(life?.errorCount), .optional(life?.medianRoundTrip), .optional(life?.slowRoundTrip),
                .optional(life?.lateness), .optional(life?.skippedSlots), .words(life?.causes ?? []),
                .optional(link.flatMap(\.cause)),
            ])
        }
        try printer.end(nothing: "no meters")
    }

    /// The measured points of each meter.
    func pointsByMeter() -> [Substring: [Int]] {
        let measured = names.points.indices.filter { !names.points[$0].isDerived }
        return Dictionary(grouping: measured) { names.points[$0].name.prefix { $0 != "." } }
    }

    /// How a meter is doing by its points: their worst quality, its reason where all are bad for one, and when it last gave
    /// a value.
    ///
    /// That is since the start, as its newest readings say, or else as the record knows: of a meter without a usable
    /// reading among its newest ones three points at most are looked up.
    func condition(
        of points: [Int], _ newest: [Reading?], answered sinceStart: Instant?
    ) throws -> (quality: Quality?, reason: Reason?, lastAnswer: Instant?) {
        let readings = points.compactMap { newest[$0] }
        let quality = readings.map(\.quality).max { $0.rawValue < $1.rawValue }
        let isAllBad = readings.count == points.count && readings.allSatisfy { $0.quality == .bad }
        let reasons = Set(readings.map(\.reason))
        var last = [sinceStart, readings.filter(\.isUsable).map(\.time).max()].compactMap { $0 }.max()
        if last == nil {
            last = try points.prefix(3).compactMap {
                try reader.lastReading(PointIndex($0), before: .distantFuture, usable: true)?.time
            }.max()
        }
        return (quality, isAllBad && reasons.count == 1 ? reasons.first : nil, last)
    }
}

extension MeterHealth {
    /// What went wrong how often, and what was not taken from the wire, as `timeout:3`.
    fileprivate var causes: [String] {
        let failures = errors.map { ($0.key.text, $0.value) }.sorted { $0.0 < $1.0 }
        let strays = [
            ("late", wire.late), ("foreign", wire.foreign), ("garbled", wire.garbled), ("truncated", wire.truncated),
            ("unnumbered", wire.unnumbered),
        ]
        return (failures + strays).filter { $0.1 > 0 }.map { "\($0.0):\($0.1)" }
    }
}
