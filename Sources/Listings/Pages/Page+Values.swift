import Conformity
import Indicators
import Metering
import RecordKeeping
import Recording

extension Page {
    static let indicatorColumns = [
        ListingColumn("indicator"), ListingColumn("start"), ListingColumn("end"), ListingColumn("value", .number),
        ListingColumn("unit"), ListingColumn("status"),
        ListingColumn("coverage", .share), ListingColumn("flags"), ListingColumn("revision", .number),
    ]

    /// The values of one indicator, or of all that are not hidden, over windows inside the stretch.
    func indicators() throws {
        let visible = names.indicators.indices.filter { !names.indicators[$0].isHidden }
        let wanted = try query.name.map { name in
            [visible[try index(of: name, in: visible.map { names.indicators[$0].name }, what: "indicator")]]
        }
        var printer = printer(Page.indicatorColumns + madeBy)
        let units = UnitHistory(record, reader)
        let provisional = query.provisional ? record.live?().provisional ?? [] : []
        let suspect = try SuspectWindows(plan, reader, now: now)
        for index in wanted ?? visible {
            let indicator = names.indicators[index]
            func row(_ value: IndicatorValue, _ version: Int?) throws {
                let doubt: IndicatorFlags = suspect.contains(value.window, of: indicator.name) ? .suspect : []
                try printer.row([
                    .text(indicator.name), .time(value.window.start), .time(value.window.end), .optional(value.value),
                    .optional(try units.unit(ofIndicator: index, value.window)),
                    .text(value.status.text), .number(value.coverage),
                    .words(value.flags.union(doubt).words), value.revision > 0 ? .count(value.revision) : .none,
                    configuration(version),
                ])
            }
            try reader.versionedValues(
                index, in: showsLastDay ? wholeStretch : stretch, overlapping: showsLastDay,
                allRevisions: query.revisions, row)
            let open = provisional.filter { $0.indicator == index && wants($0.window) }
            // Of rolling windows many are open at once: people see the one that closes next.
            for value in query.format == .table ? Array(open.prefix(1)) : open { try row(value, nil) }
        }
        try printer.end(nothing: nothing)
    }

    static let objectiveColumns = [
        ListingColumn("objective"), ListingColumn("start"), ListingColumn("end"), ListingColumn("verdict"),
        ListingColumn("value", .number),
        ListingColumn("limit", .number), ListingColumn("unit"),
    ]

    /// The verdicts of one objective, or of all, over windows inside the stretch.
    func objectives() throws {
        let wanted = try query.name.map { [try index(of: $0, in: names.objectives.map(\.name), what: "objective")] }
        let units = UnitHistory(record, reader)
        let ahead =
            query.provisional ? [ListingColumn("projection", .number), ListingColumn("remaining", .number)] : []
        let forecasts = query.provisional ? record.live?().forecasts ?? [] : []
        let suspect = try SuspectWindows(plan, reader, now: now)
        // CSV keeps its columns: 'calibration suspect' lists what a table marks here.
        let marks = query.format == .json || query.format == .table && !suspect.isEmpty
        var printer = printer(
            Page.objectiveColumns + ahead + (query.format == .json ? [ListingColumn("reason")] : [])
                + (marks ? [ListingColumn("flags")] : []) + madeBy)
        for index in wanted ?? Array(names.objectives.indices) {
            let objective = names.objectives[index]
            // The store asks for windows wholly inside; a table's last day also shows longer ones that ended in it.
            let asked = showsLastDay ? Window(start: .distantPast, end: .distantFuture) : wholeStretch
            try reader.versionedVerdicts(index, in: asked) { judged, version in
                guard wants(judged.window), wants(judged.verdict.text, .verdict) else { return }
                try printer.row(
                    [
                        .text(objective.name), .time(judged.window.start), .time(judged.window.end),
                        .text(judged.verdict.text), .optional(judged.value), .optional(judged.limit),
                        .optional(try units.unit(ofObjective: index, judged.window)),
                    ] + ahead.map { _ in .none } + (query.format == .json ? [.optional(judged.reason?.rawValue)] : [])
                        + (marks
                            ? [.words(suspect.contains(judged.window, of: objective.indicator) ? ["suspect"] : [])]
                            : [])
                        + [configuration(version)]
                )
            }
            for forecast in forecasts where forecast.objective == index && wants("open", .verdict) {
                try printer.row(
                    [
                        .text(objective.name), .time(forecast.span.start), .time(forecast.span.end), .text("open"),
                        .number(forecast.value), .optional(forecast.limit),
                        .optional(try units.unit(ofObjective: index, forecast.window)), .number(forecast.projection),
                        .optional(forecast.remaining),
                    ] + (query.format == .json ? [.none] : []) + (marks ? [.words([])] : [])
                        + (query.format == .json ? [.none] : []))
            }
        }
        try printer.end(nothing: nothing)
    }

    static let ledgerColumns = [
        ListingColumn("point"), ListingColumn("time"), ListingColumn("entry"), ListingColumn("advance", .number),
    ]

    /// What the counter rules decided.
    func ledger() throws {
        let point = try query.name.map(point(named:))
        var printer = printer(Page.ledgerColumns + madeBy)
        for entry in try reader.ledger(point, in: stretch) {
            try printer.row([
                .text(names.points[Int(entry.point)].name), .time(entry.time), .text(entry.verdict.text),
                .optional(entry.advance),
                query.format == .json ? configuration(try reader.version(of: entry)) : .none,
            ])
        }
        try printer.end(nothing: nothing)
    }

    /// JSON also says which configuration made something; the rows end with it, and other forms leave it out.
    private var madeBy: [ListingColumn] { query.format == .json ? [ListingColumn("configuration")] : [] }

    private func configuration(_ version: Int?) -> ListingValue {
        guard query.format == .json, let version, digests.indices.contains(version - 1) else { return .none }
        return .text(digests[version - 1])
    }

    /// Whether a table shows the last day by itself: then also windows that only ended in it.
    private var showsLastDay: Bool { isDefaultStretch && query.format == .table }

    private func wants(_ window: Window) -> Bool {
        guard let stretch else { return true }
        return showsLastDay ? stretch.overlaps(window) : stretch.contains(window)
    }
}
