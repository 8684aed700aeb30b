import Indicators
import Metering
import PlantAPI
import RecordKeeping
import Recording
import Storage

extension Page {
    static let readingColumns = [
        ListingColumn("time"), ListingColumn("point"), ListingColumn("value", .number), ListingColumn("quality"),
        ListingColumn("reason"),
    ]

    /// The readings of a point, as far as the counter rules believe them.
    func readings() throws {
        guard let name = query.name else {
            throw CommandError(.usage, "readings of which point? 'emsctl points' lists them")
        }
        var printer = printer(Page.readingColumns)
        if name.hasPrefix("NC-"), let kept = try reader.keptReadings(for: name) {
            let stretch = Window(start: kept.start, end: kept.end ?? .distantFuture)
            for point in kept.points { try readings(of: point, in: stretch, &printer) }
        } else {
            try readings(of: name, in: wholeStretch, &printer)
        }
        try printer.end(nothing: nothing)
    }

    private func readings(of name: String, in stretch: Window, _ printer: inout ListingPrinter) throws {
        let point = try point(named: name)
        func row(_ reading: Reading) throws {
            guard wants(reading.quality.text, .quality) else { return }
            try printer.row([
                .time(reading.time), .text(name), reading.isUsable ? .optional(reading.value) : .none,
                .text(reading.quality.text), .optional(reading.reason == .none ? nil : reading.reason.text),
            ])
        }
        if let plan, plan.points.indices.contains(Int(point)) {
            try StoredPoint(point, plan: plan).readings(in: stretch, reader, row)
        } else {
            guard !names.points[Int(point)].isDerived else { throw derivedNeedsPlan(name) }
            var overlay = try LedgerOverlay(of: point, record.plan?.points[Int(point)], in: stretch, reader)
            try reader.readings(point, in: stretch) { try row(overlay.shown($0)) }
        }
    }

    private func derivedNeedsPlan(_ name: String) -> CommandError {
        CommandError(
            .badInput,
            "the readings of the derived point '\(name)' are computed from its formula, but the configuration "
                + "\(record.plantSummary.configuration) is gone or has changed")
    }

    static let pointColumns = [
        ListingColumn("point"), ListingColumn("kind"), ListingColumn("value", .number), ListingColumn("unit"),
        ListingColumn("quality"), ListingColumn("reason"),
        ListingColumn("time"), ListingColumn("detail"),
    ]

    /// The newest reading of every point.
    func points() throws {
        var printer = printer(Page.pointColumns)
        let causes = linkCauses
        if let name = query.name { _ = try point(named: name) }
        for (index, shown) in try newestReadings().enumerated() {
            let point = names.points[index]
            if let name = query.name, name != point.name { continue }
            guard wants(shown?.quality.text, .quality) else { continue }
            try printer.row([
                .text(point.name), .text(point.kind.rawValue),
                shown?.isUsable == true ? .optional(shown?.value) : .none, .optional(point.unit),
                .optional(shown?.quality.text), .optional(shown.flatMap { $0.reason == .none ? nil : $0.reason.text }),
                .optional(shown?.time),
                .optional(shown?.quality == .bad ? causes[point.name.split(separator: ".").first ?? ""] : nil),
            ])
        }
        try printer.end(nothing: "no points")
    }

    /// Why the links of meters are down, by meter.
    private var linkCauses: [Substring: String] {
        let down = (record.live?().links ?? []).filter(\.isDown)
        let causes = Dictionary(down.map { ($0.link, $0.cause) }) { first, _ in first }
        return Dictionary(
            record.plantSummary.meters.compactMap { meter in
                (causes[meter.link] ?? nil).map { (meter.name[...], "link \(meter.link) is down: \($0)") }
            }
        ) { first, _ in first }
    }

    /// The newest reading of each point, with what the counter rules say of it; nil where it never had one.
    func newestReadings() throws -> [Reading?] {
        var newest = try reader.newestReadings()
        for (index, point) in names.points.enumerated() {
            if point.isDerived {
                newest[index] = try newestDerived(PointIndex(index), newest)
            } else if point.kind == .counter, let reading = newest[index] {
                let instant = Window(start: reading.time, end: reading.time + 1)
                var overlay = try LedgerOverlay(of: PointIndex(index), record.plan?.points[index], in: instant, reader)
                newest[index] = overlay.shown(reading)
            }
        }
        return newest
    }

    private func newestDerived(_ point: PointIndex, _ newest: [Reading?]) throws -> Reading? {
        guard let plan = record.plan else { return nil }
        let inputs = plan.measuredPoints(behind: [point])
        guard let last = inputs.compactMap({ newest[Int($0)]?.time }).max() else { return nil }
        var found: Reading?
        try StoredPoint(point, plan: plan).readings(in: Window(start: last, end: last + 1), reader) { found = $0 }
        return found
    }
}
