import ConfigurationSource
import Conformity
import Indicators
import ManagementSystem
import Metering
import PlantAPI
import PlantConfiguration
import RecordKeeping
import Recording
import Storage

/// A listing of the management system from one consistent state of the database.
struct ManagementPage {
    let plant: Plant
    let reader: StoreReader
    let calendar: SiteCalendar
    /// Nil: all.
    let name: String?
    let format: ListingFormat
    let terminal: TerminalForm
    let now: Instant
    let sink: ([UInt8]) throws -> Void

    private var checks: [CalibrationRecord] { get throws { try ManagementRecords.calibrations(in: reader) } }

    private var holes: [RegisterHole] {
        get throws {
            plant.register.holes(on: calendar.date(now)) + plant.register.holes(of: try checks, at: now, in: calendar)
        }
    }

    /// The register with what it lacks.
    func tree() throws {
        var printer = printer(
            [
                ListingColumn("kind"), ListingColumn("name"), ListingColumn("title"), ListingColumn("detail"),
                ListingColumn("gap"),
            ] + (format == .table ? [] : [ListingColumn("depth", .number)]))
        for line in RegisterTree(plant.register, holes: try holes, checks: try checks, in: calendar).lines {
            let indent = format == .table ? String(repeating: "  ", count: line.depth) : ""
            try printer.row(
                [
                    .text(indent + line.kind), .text(line.name), .optional(line.title), .optional(line.detail),
                    .optional(line.gap),
                ] + (format == .table ? [] : [.count(line.depth)]))
        }
        try printer.end(nothing: "no register: the configuration has no policy, aspects or obligations")
    }

    /// What the register lacks.
    func gaps() throws {
        var printer = printer([ListingColumn("section"), ListingColumn("name"), ListingColumn("gap")])
        for hole in try holes {
            try printer.row([.text(hole.section.rawValue), .text(hole.name), .text(hole.message)])
        }
        try printer.end(
            nothing: plant.register.isKept
                ? "no gaps" : "no gaps: the configuration keeps no register (policy, aspects, obligations)")
    }

    /// The checks of meters, with what the failed ones put in doubt.
    func calibrations() throws {
        try know(name, among: plant.register.instruments.map(\.name) + checks.map(\.meter), "meter")
        var printer = printer([
            ListingColumn("meter"), ListingColumn("date"), ListingColumn("due"), ListingColumn("as_found"),
            ListingColumn("suspect_from"), ListingColumn("certificate"), ListingColumn("sha256"), ListingColumn("by"),
        ])
        let doubts = try ManagementRecords.doubts(in: reader, now: now)
        for record in try checks where name == nil || record.meter == name {
            let date = Instant(milliseconds: record.date)
            let doubt = doubts.first { $0.subject == .meter(record.meter) && $0.stretch.end == date }
            try printer.row([
                .text(record.meter), .time(date), .optional(record.due.map { Instant(milliseconds: $0) }),
                .text(record.asFound.rawValue), .optional(doubt?.stretch.start),
                .optional(record.certificate), .optional(record.digest), .text(record.by),
            ])
        }
        try printer.end(nothing: "no calibrations are on record: emsctl calibration add METER")
    }

    /// The windows and verdicts that rest on readings in doubt.
    func suspect() throws {
        let all = try ManagementRecords.doubts(in: reader, now: now)
        try know(
            name,
            among: plant.register.instruments.map(\.name) + plant.plan.points.map(\.name) + all.map(\.subject.name),
            "meter or point")
        var printer = printer([
            ListingColumn("because_of"), ListingColumn("kind"), ListingColumn("name"), ListingColumn("start"),
            ListingColumn("end"), ListingColumn("value", .number), ListingColumn("says"),
        ])
        for doubt in all where name == nil || doubt.subject.name == name {
            let suspect = SuspectWindows(plant.plan, [doubt])
            func row(
                _ kind: String, _ name: String, _ window: Window, _ value: Double?, _ says: String
            ) throws {
                try printer.row([
                    .text(doubt.subject.name), .text(kind), .text(name), .time(window.start), .time(window.end),
                    .optional(value), .text(says),
                ])
            }
            for (index, indicator) in plant.plan.indicators.enumerated()
            where !indicator.isHidden && !suspect.stretches(of: index).isEmpty {
                try reader.values(index, overlapping: doubt.stretch) {
                    try row("window", indicator.name, $0.window, $0.value, $0.status.text)
                }
            }
            for (index, objective) in plant.objectives.enumerated()
            where !suspect.stretches(of: objective.indicator).isEmpty {
                try reader.verdicts(index, overlapping: doubt.stretch) {
                    try row("verdict", objective.name, $0.window, $0.value, $0.verdict.text)
                }
            }
        }
        try printer.end(nothing: "nothing is in doubt")
    }

    /// The weekly counts of values outside the valid range of their calibration function.
    func weeks() throws {
        let source = RangeWeeks(plant.plan, plant.register.functions, reader)
        try know(name, among: source.indicators, "indicator with a 'calibration' and a 'valid' range:")
        var printer = printer([
            ListingColumn("indicator"), ListingColumn("week"), ListingColumn("windows", .number),
            ListingColumn("outside", .number), ListingColumn("share", .share), ListingColumn("weeks_over", .number),
            ListingColumn("alarm"),
        ])
        for indicator in source.indicators where name == nil || indicator == name {
            for week in try source.weeks(of: indicator, until: now) {
                try printer.row([
                    .text(indicator), .time(week.week.start), .count(week.windows), .count(week.outside),
                    .number(Double(week.outside) / Double(max(1, week.windows))), .count(week.overs),
                    .optional(week.alarm?.rawValue),
                ])
            }
        }
        try printer.end(nothing: "no week is over of an indicator whose 'calibration' has a 'valid' range")
    }

    /// The drift charts of points.
    func drift() throws {
        let all = try ManagementRecords.drift(in: reader)
        try know(name, among: plant.plan.points.map(\.name) + all.map(\.point), "point")
        var printer = printer([
            ListingColumn("point"), ListingColumn("time"), ListingColumn("of"), ListingColumn("difference", .number),
            ListingColumn("precision", .number), ListingColumn("up", .number), ListingColumn("down", .number),
            ListingColumn("readings", .number), ListingColumn("mean", .number), ListingColumn("says"),
        ])
        for point in Set(all.map(\.point)).sorted() where name == nil || point == name {
            for entry in DriftHistory(all.filter { $0.point == point }).entries {
                let charts = [("zero", entry.zero, entry.means.zero), ("span", entry.span, entry.means.span)]
                for (what, chart, mean) in charts {
                    try printer.row([
                        .text(point), .time(Instant(milliseconds: entry.reading.time)), .text(what),
                        .number(chart.difference), .number(chart.precision), .number(chart.up), .number(chart.down),
                        .count(chart.count), .number(mean), .text(chart.conclusion.words),
                    ])
                }
            }
        }
        try printer.end(nothing: "no readings at zero and span are on record: emsctl qal3 add POINT")
    }

    private func printer(_ columns: [ListingColumn]) -> ListingPrinter {
        ListingPrinter(
            columns: columns, format: format, calendar: calendar, terminal: terminal, now: now, sink: sink)
    }

    private func know(_ name: String?, among known: [String], _ what: String) throws {
        guard let name, !known.contains(name) else { return }
        throw CommandError(
            .badInput, "there is no \(what) '\(name)'" + NearestName.hint(for: name, among: known), matter: .absent)
    }
}
