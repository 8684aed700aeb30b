import ConfigurationSource
import Foundation
import Indicators
import Metering
import PlantAPI
import PlantConfiguration
import Platform
import RecordKeeping
import Recording
import Storage

/// Answers queries from what is committed: the one presentation of the daemon's socket and of `emsctl --database`.
///
/// ```
/// let record = try PlantRecord(directory: "/var/lib/emsd")
/// var query = ListingQuery(.indicators, name: "nox_mean")
/// query.since = "-24h"
/// let status = try record.answer(query) { bytes in try StandardStreams.output(bytes) }
/// ```
package struct PlantRecord: Sendable {
    /// Where everything is committed.
    package let store: PlantStore
    /// The site and its meters.
    package let plantSummary: PlantSummary
    /// The site's calendar, for what people write and read.
    package let calendar: SiteCalendar
    /// The plan in force, from which derived points are computed; nil offline where the configuration is gone or has
    /// changed.
    package let plan: IndicatorPlan?
    /// The configuration in force; nil offline where it is gone or has changed.
    package let plant: Plant?
    /// What the running daemon knows besides; nil offline.
    package let live: (@Sendable () -> LiveState)?
    /// Commits what the running daemon holds back.
    private let settle: @Sendable () -> Void

    /// The record in a store, with what a running daemon knows besides; `settle` is called before each answer.
    package init(
        store: PlantStore, plantSummary: PlantSummary, plan: IndicatorPlan?, plant: Plant? = nil,
        settle: @escaping @Sendable () -> Void = {},
        live: (@Sendable () -> LiveState)? = nil
    ) throws {
        guard let calendar = SiteCalendar(identifier: plantSummary.timezone) else {
            throw CommandError(
                .inputOutput, "this machine does not know the zone \(plantSummary.timezone): install the package tzdata"
            )
        }
        self.store = store
        self.plantSummary = plantSummary
        self.plan = plan
        self.plant = plant
        self.calendar = calendar
        self.live = live
        self.settle = settle
    }

    /// The record in a directory, read offline; throws a ``CommandError`` (74) where there is none, and creates nothing.
    package init(directory: String) throws {
        let store = try PlantStore(directory: AbsolutePath.of(directory), access: .readOnly)
        let plantSummary = try store.read { try PlantSummary(from: $0, path: store.path) }
        let loaded = PlantLoader.load(path: plantSummary.configuration).plant
        let plant = loaded?.digest == plantSummary.digest ? loaded : nil
        try self.init(store: store, plantSummary: plantSummary, plan: plant?.plan, plant: plant)
    }

    /// Writes what was asked for to the sink, piece by piece; returns whether what was looked at is in order.
    ///
    /// Throws a ``CommandError`` for what does not exist (65) or cannot be understood (64).
    package func answer(
        _ query: ListingQuery, now: Instant = Instant(milliseconds: WallClock.milliseconds()),
        sink: @escaping ([UInt8]) throws -> Void
    ) throws -> ExitStatus {
        let stretch = try stretch(of: query, now: now)
        settle()
        return try store.show { reader in
            let removed = try query.name.flatMap { try RemovedThing($0, query.listing, of: self, in: reader) }
            let digests = try reader.configurations().map(\.digest)
            let page = Page(
                record: self, reader: removed?.reader ?? reader, plan: removed == nil ? plan : removed?.plan,
                digests: digests, query: query, stretch: stretch, now: now, sink: sink)
            try page.checkFilters()
            switch query.listing {
            case .status: return try page.status()
            case .meters: try query.plan ? page.requestPlan() : page.meters()
            case .points: try page.points()
            case .readings: try page.readings()
            case .indicators: try page.indicators()
            case .objectives: try page.objectives()
            case .nonconformities: return try page.nonconformities()
            case .ledger: try page.ledger()
            case .alerts: try page.alerts()
            case .journal: try page.journal()
            case .kpi: try page.figures()
            case .plot: try page.plot()
            case .overview: try page.overview()
            case .forward: return try page.forward()
            }
            return .done
        }
    }

    /// Reads from one consistent state of the database, with what the running daemon held back.
    package func read<T>(_ body: (StoreReader) throws -> T) throws -> T {
        settle()
        return try store.show(body)
    }

    /// The stretch asked for: since is included, until is not; tables begin 24 h ago where nothing is said.
    private func stretch(of query: ListingQuery, now: Instant) throws -> Window? {
        let since = try query.since.map { try TimeBound.instant($0, option: "--since", now: now, calendar: calendar) }
        let until = try query.until.map { try TimeBound.instant($0, option: "--until", now: now, calendar: calendar) }
        if let since, let until, until < since {
            throw CommandError(.usage, "--until \(until.text) is before --since \(since.text)")
        }
        if since == nil, until == nil, query.format != .table { return nil }
        let end = until ?? .distantFuture
        let start = since ?? (query.format == .table ? min(end, now) - 86_400_000 : .distantPast)
        return Window(start: start, end: end)
    }
}

/// One query being answered from one consistent state of the database.
struct Page {
    let record: PlantRecord
    let reader: StoreReader
    /// The plan behind the names; nil where it is not known.
    let plan: IndicatorPlan?
    /// The digests of the configurations by their versions, from 1.
    let digests: [String]
    let query: ListingQuery
    /// Nil: everything.
    let stretch: Window?
    let now: Instant
    let sink: ([UInt8]) throws -> Void

    var names: StoreNames { reader.names }

    /// Everything, or the stretch asked for.
    var wholeStretch: Window { stretch ?? Window(start: .distantPast, end: .distantFuture) }

    /// Whether the stretch is only the last day that tables show by themselves.
    var isDefaultStretch: Bool { query.since == nil && query.until == nil }

    /// Writes a text for people, line by line in ASCII where the screen shows nothing else.
    func tell(_ text: String) throws {
        guard query.terminal.isASCII else { return try sink(Array(text.utf8)) }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { ShownText($0).inASCII.text }
        try sink(Array(lines.joined(separator: "\n").utf8))
    }

    func printer(_ columns: [ListingColumn]) -> ListingPrinter {
        ListingPrinter(
            columns: columns, format: query.format, calendar: record.calendar, terminal: query.terminal, now: now,
            sink: sink)
    }

    /// What an empty table says.
    var nothing: String {
        guard let stretch else { return "nothing to show" }
        let until = stretch.end == .distantFuture ? "" : " until \(record.calendar.text(stretch.end))"
        let since = stretch.start == .distantPast ? "" : " since \(record.calendar.text(stretch.start))"
        return "nothing\(since)\(until)" + (isDefaultStretch ? ": --since shows earlier ones" : "")
    }

    /// The index of the point of that name; throws a ``CommandError`` (65) with the nearest name.
    func point(named name: String) throws -> PointIndex {
        PointIndex(try index(of: name, in: names.points.map(\.name), what: "point"))
    }

    /// The index of a name; throws a ``CommandError`` (65) with the nearest one.
    func index(of name: String, in known: [String], what: String) throws -> Int {
        if let index = known.firstIndex(of: name) { return index }
        throw CommandError(
            .badInput, "there is no \(what) '\(name)'" + NearestName.hint(for: name, among: known), matter: .absent)
    }
}
