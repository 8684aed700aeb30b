import Conformity
import DatabaseFile
import Indicators
import Metering

extension StoreReader {
    /// The values of an indicator over windows wholly inside a stretch (nil: all), ascending by end, start, revision.
    ///
    /// Final revisions unless all are wanted.
    package final func values(
        _ indicator: Int, in window: Window? = nil, allRevisions: Bool = false, _ body: (IndicatorValue) throws -> Void
    ) throws {
        let window = window ?? Window(start: .distantPast, end: .distantFuture)
        try values(
            indicator, "AND \"end\" > ?2 AND \"end\" <= ?3 AND start >= ?2", window, allRevisions: allRevisions, body)
    }

    /// The values of an indicator over windows that share time with a stretch, ascending by end, start, revision.
    ///
    /// Final revisions unless all are wanted.
    package final func values(
        _ indicator: Int, overlapping window: Window, allRevisions: Bool = false,
        _ body: (IndicatorValue) throws -> Void
    ) throws {
        try values(indicator, "AND \"end\" > ?2 AND start < ?3", window, allRevisions: allRevisions, body)
    }

    /// How many windows of an indicator share time with a stretch; those that are none any more are left out.
    package final func countValues(_ indicator: Int, overlapping window: Window) throws -> Int {
        var count = 0
        try values(indicator, overlapping: window) { _ in count += 1 }
        return count
    }

    /// The same over windows wholly inside a stretch (nil: all), with the version of the configuration that made each;
    /// nil where it is not known. Windows that are none any more are left out, unless they are wanted.
    package final func versionedValues(
        _ indicator: Int, in window: Window? = nil, overlapping: Bool = false, allRevisions: Bool = false,
        withdrawn: Bool = false,
        _ body: (IndicatorValue, Int?) throws -> Void
    ) throws {
        let window = window ?? Window(start: .distantPast, end: .distantFuture)
        let condition =
            overlapping ? "AND \"end\" > ?2 AND start < ?3" : "AND \"end\" > ?2 AND \"end\" <= ?3 AND start >= ?2"
        try versioned(indicator, condition, window, allRevisions: allRevisions, withdrawn: withdrawn, body)
    }

    private func values(
        _ indicator: Int, _ condition: String, _ window: Window, allRevisions: Bool,
        _ body: (IndicatorValue) throws -> Void
    ) throws {
        try versioned(indicator, condition, window, allRevisions: allRevisions) { value, _ in try body(value) }
    }

    private func versioned(
        _ indicator: Int, _ condition: String, _ window: Window, allRevisions: Bool, withdrawn: Bool = false,
        _ body: (IndicatorValue, Int?) throws -> Void
    ) throws {
        let id = try identities.indicator(indicator)
        let sql =
            "SELECT \(StoreReader.valueColumns), version FROM value WHERE indicator = ?1 \(condition) "
            + "ORDER BY indicator, \"end\", start, revision"
        try with(sql) { statement in
            statement.bind(1, id)
            statement.bind(2, window.start.milliseconds)
            statement.bind(3, window.end.milliseconds)
            var held: (value: IndicatorValue, version: Int?)?
            func hand(_ held: (value: IndicatorValue, version: Int?)) throws {
                if withdrawn || !held.value.flags.contains(.withdrawn) { try body(held.value, held.version) }
            }
            while try statement.step() {
                let next = StoreReader.value(indicator, statement)
                let version = statement.int64OrNil(9).map(Int.init)
                if allRevisions {
                    try body(next, version)
                    continue
                }
                if let held, held.value.window != next.window { try hand(held) }
                held = (next, version)
            }
            if let held { try hand(held) }
        }
    }

    /// The final revision of an indicator's value over exactly this window; nil where it is not closed.
    package final func value(_ indicator: Int, _ window: Window) throws -> IndicatorValue? {
        let id = try identities.indicator(indicator)
        let sql =
            "SELECT \(StoreReader.valueColumns) FROM value WHERE indicator = ? AND \"end\" = ? AND start = ? "
            + "ORDER BY revision DESC LIMIT 1"
        return try with(sql) { statement in
            statement.bind(1, id)
            statement.bind(2, window.end.milliseconds)
            statement.bind(3, window.start.milliseconds)
            return try statement.step() ? StoreReader.value(indicator, statement) : nil
        }
    }

    /// The last value of an indicator that is a number, among those of windows that end at or before an instant; final
    /// revisions count.
    package final func lastNumber(_ indicator: Int, endingBy end: Instant) throws -> Double? {
        let id = try identities.indicator(indicator)
        let sql =
            "SELECT value, start, \"end\" FROM value WHERE indicator = ? AND \"end\" <= ? "
            + "ORDER BY \"end\" DESC, start DESC, revision DESC"
        return try with(sql) { statement in
            statement.bind(1, id)
            statement.bind(2, end.milliseconds)
            var seen: (Int64, Int64)?
            while try statement.step() {
                let window = (statement.int64(1), statement.int64(2))
                if let seen, seen == window { continue }
                seen = window
                if let number = statement.doubleOrNil(0) { return number }
            }
            return nil
        }
    }

    /// Per indicator, in plan order, the closed window with the greatest end.
    package final func lastClosed() throws -> [Window?] {
        let sql = "SELECT start, \"end\" FROM value WHERE indicator = ? ORDER BY \"end\" DESC LIMIT 1"
        return try identities.indicators.map { id in
            try with(sql) { statement in
                statement.bind(1, id)
                guard try statement.step() else { return nil }
                return Window(
                    start: Instant(milliseconds: statement.int64(0)), end: Instant(milliseconds: statement.int64(1)))
            }
        }
    }

    /// Why a revision was made; nil for a first value or where none was given.
    package final func reason(_ indicator: Int, _ window: Window, revision: Int) throws -> String? {
        let id = try identities.indicator(indicator)
        let sql = "SELECT reason FROM value WHERE indicator = ? AND \"end\" = ? AND start = ? AND revision = ?"
        return try with(sql) { statement in
            statement.bind(1, id)
            statement.bind(2, window.end.milliseconds)
            statement.bind(3, window.start.milliseconds)
            statement.bind(4, revision)
            return try statement.step() ? statement.textOrNil(0) : nil
        }
    }

    static let valueColumns = "start, \"end\", revision, value, status, coverage, base, flags, unknown"

    static func value(_ indicator: Int, _ statement: StoreStatement) -> IndicatorValue {
        let revision = statement.int(2)
        var flags = IndicatorFlags(rawValue: UInt8(truncatingIfNeeded: statement.int64(7)))
        if revision > 1 { flags.insert(.revised) }
        return IndicatorValue(
            indicator: indicator,
            window: Window(
                start: Instant(milliseconds: statement.int64(0)), end: Instant(milliseconds: statement.int64(1))),
            value: statement.doubleOrNil(3),
            status: IndicatorStatus(rawValue: UInt8(truncatingIfNeeded: statement.int64(4))) ?? .undefined,
            coverage: statement.double(5), base: statement.int64(6), unknown: statement.int64(8), flags: flags,
            revision: revision)
    }

    /// The decisions of the counter rules about one point (nil: all of the plan) whose time lies in the stretch (nil:
    /// all).
    ///
    /// Ascending by time within a point; points in plan order.
    package final func ledger(_ point: PointIndex? = nil, in window: Window? = nil) throws -> [LedgerEntry] {
        let points = try point.map { [try identities.point($0)] } ?? identities.points
        let window = window ?? Window(start: .distantPast, end: .distantFuture)
        return try points.filter { $0 > 0 }.flatMap { try ledger(ofPoint: $0, in: window) }
    }

    /// The decisions about the point with that number of the database, whose time lies in a stretch.
    final func ledger(ofPoint id: Int64, in window: Window) throws -> [LedgerEntry] {
        let sql =
            "SELECT time, entry, advance, last_suspect FROM ledger "
            + "WHERE point = ? AND time >= ? AND time < ? ORDER BY time, entry"
        let index = identities.index(ofPoint: id)
        return try with(sql) { statement in
            statement.bind(1, id)
            statement.bind(2, window.start.milliseconds)
            statement.bind(3, window.end.milliseconds)
            var entries: [LedgerEntry] = []
            while try statement.step() { entries.append(StoreReader.ledgerEntry(index, statement)) }
            return entries
        }
    }

    /// The decisions about a point whose time is not after an instant, the newest first, as long as `body` wants more.
    package final func decisions(
        _ point: PointIndex, upTo instant: Instant, _ body: (LedgerEntry) throws -> Bool
    ) throws {
        let sql =
            "SELECT time, entry, advance, last_suspect FROM ledger "
            + "WHERE point = ? AND time <= ? ORDER BY time DESC, entry DESC"
        try with(sql) { statement in
            statement.bind(1, try identities.point(point))
            statement.bind(2, instant.milliseconds)
            while try statement.step() { if try !body(StoreReader.ledgerEntry(point, statement)) { return } }
        }
    }

    static func ledgerEntry(_ point: PointIndex, _ statement: StoreStatement) -> LedgerEntry {
        LedgerEntry(
            point: point, time: Instant(milliseconds: statement.int64(0)),
            verdict: LedgerVerdict(rawValue: UInt8(truncatingIfNeeded: statement.int64(1))) ?? .suspect,
            advance: statement.doubleOrNil(2), lastSuspect: Instant(milliseconds: statement.int64(3)))
    }
}
