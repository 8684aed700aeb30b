import Acquisition
import Metering

extension Page {
    static let meterColumns = [
        Column("meter"), Column("title"), Column("link"), Column("unit", .number), Column("quality"),
        Column("age", .age),
        Column("polls", .number), Column("errors", .number), Column("rtt_ms", .number),
        Column("rtt_p99_ms", .number), Column("late_ms", .number), Column("skipped", .number), Column("causes"),
    ]

    /// The meters; what only the daemon knows (polls, errors, times of answers) is empty offline.
    func meters() throws {
        let live = record.live?()
        let newest = try newestReadings()
        var printer = printer(Page.meterColumns)
        if let name = inquiry.name { _ = try index(of: name, in: record.card.meters.map(\.name), what: "meter") }
        for meter in record.card.meters where inquiry.name == nil || inquiry.name == meter.name {
            let life = live?.meter(meter.name)
            let condition = condition(of: meter.name, newest)
            let lastAnswer = [life?.lastAnswer, condition.lastUsable].compactMap { $0 }.max()
            try printer.row([
                .text(meter.name), .optional(meter.title), .text(meter.link), .count(meter.unit),
                .optional(condition.quality?.text),
                .optional(lastAnswer.map { Double(max(0, now - $0)) / 1000 }), .optional(life?.polls),
                .optional(life?.errorCount), .optional(life?.medianRoundTrip), .optional(life?.slowRoundTrip),
                .optional(life?.lateness), .optional(life?.skippedSlots), .words(life?.causes ?? []),
            ])
        }
        try printer.end(nothing: "no meters")
    }

    /// The worst quality among a meter's newest readings, and the time of the newest one with a value.
    func condition(of meter: String, _ newest: [Reading?]) -> (quality: Quality?, lastUsable: Instant?) {
        var quality: Quality?
        var lastUsable: Instant?
        for (point, reading) in zip(names.points, newest) where point.name.hasPrefix(meter + ".") && !point.isDerived {
            guard let reading else { continue }
            if (quality?.rawValue ?? 0) <= reading.quality.rawValue { quality = reading.quality }
            if reading.isUsable { lastUsable = max(lastUsable ?? reading.time, reading.time) }
        }
        return (quality, lastUsable)
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
