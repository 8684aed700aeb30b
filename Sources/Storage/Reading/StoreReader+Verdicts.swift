import Conformity
import DatabaseFile
import Indicators
import Metering

extension StoreReader {
    /// The verdicts of an objective over windows wholly inside a stretch (nil: all), ascending by end, with their
    /// memory.
    package final func verdicts(
        _ objective: Int, in window: Window? = nil, _ body: (JudgedWindow) throws -> Void
    ) throws {
        try versionedVerdicts(objective, in: window) { judged, _ in try body(judged) }
    }

    /// The same with the version of the configuration that judged; nil where it is not known.
    package final func versionedVerdicts(
        _ objective: Int, in window: Window? = nil, _ body: (JudgedWindow, Int?) throws -> Void
    ) throws {
        let id = try identities.objective(objective)
        let window = window ?? Window(start: .distantPast, end: .distantFuture)
        let sql =
            "SELECT start, \"end\", verdict, value, bound, memory, reason, version FROM verdict "
            + "WHERE objective = ?1 AND \"end\" > ?2 AND \"end\" <= ?3 AND start >= ?2 "
            + "ORDER BY objective, \"end\", start"
        try with(sql) { statement in
            statement.bind(1, id)
            statement.bind(2, window.start.milliseconds)
            statement.bind(3, window.end.milliseconds)
            var memory: [UInt8]?
            while try statement.step() {
                var judged = StoreReader.judged(objective, statement)
                if !statement.isNull(5) {
                    memory = statement.blob(5)
                } else if memory == nil {
                    memory = try self.memory(id, upTo: judged.window)
                }
                judged.memory = memory ?? []
                try body(judged, statement.int64OrNil(7).map(Int.init))
            }
        }
    }

    /// The verdicts of an objective over windows wholly inside a stretch (nil: all), ascending by end.
    package final func verdicts(_ objective: Int, in window: Window? = nil) throws -> [JudgedWindow] {
        var found: [JudgedWindow] = []
        try verdicts(objective, in: window) { found.append($0) }
        return found
    }

    /// The verdicts of an objective over windows that share time with a stretch, ascending by end, without their memory.
    package final func verdicts(
        _ objective: Int, overlapping window: Window, _ body: (JudgedWindow) throws -> Void
    ) throws {
        let sql =
            "SELECT start, \"end\", verdict, value, bound, NULL, reason FROM verdict "
            + "WHERE objective = ?1 AND \"end\" > ?2 AND start < ?3 ORDER BY objective, \"end\", start"
        try with(sql) { statement in
            statement.bind(1, try identities.objective(objective))
            statement.bind(2, window.start.milliseconds)
            statement.bind(3, window.end.milliseconds)
            while try statement.step() { try body(StoreReader.judged(objective, statement)) }
        }
    }

    /// How many verdicts of an objective share time with a stretch.
    package final func countVerdicts(_ objective: Int, overlapping window: Window) throws -> Int {
        try with("SELECT count(*) FROM verdict WHERE objective = ?1 AND \"end\" > ?2 AND start < ?3") { statement in
            statement.bind(1, try identities.objective(objective))
            statement.bind(2, window.start.milliseconds)
            statement.bind(3, window.end.milliseconds)
            return try statement.step() ? statement.int(0) : 0
        }
    }

    /// The last verdict of an objective whose window ends before this instant, or at it; with its memory.
    package final func lastVerdict(_ objective: Int, before end: Instant) throws -> JudgedWindow? {
        let id = try identities.objective(objective)
        let sql =
            "SELECT start, \"end\", verdict, value, bound, memory, reason FROM verdict "
            + "WHERE objective = ?1 AND \"end\" <= ?2 ORDER BY \"end\" DESC, start DESC LIMIT 1"
        return try with(sql) { statement in
            statement.bind(1, id)
            statement.bind(2, end.milliseconds)
            guard try statement.step() else { return nil }
            var judged = StoreReader.judged(objective, statement)
            judged.memory = try statement.isNull(5) ? memory(id, upTo: judged.window) : statement.blob(5)
            return judged
        }
    }

    /// The last verdict of an objective that is not `not_evaluable`, among windows that end after an instant and at another
    /// or before it; nil where there is none.
    package final func lastEvaluable(_ objective: Int, after start: Instant, through end: Instant) throws -> Verdict? {
        let sql =
            "SELECT verdict FROM verdict WHERE objective = ?1 AND \"end\" > ?2 AND \"end\" <= ?3 AND verdict <> ?4 "
            + "ORDER BY \"end\" DESC, start DESC LIMIT 1"
        return try with(sql) { statement in
            statement.bind(1, try identities.objective(objective))
            statement.bind(2, start.milliseconds)
            statement.bind(3, end.milliseconds)
            statement.bind(4, Int64(Verdict.notEvaluable.rawValue))
            return try statement.step() ? Verdict(rawValue: UInt8(truncatingIfNeeded: statement.int64(0))) : nil
        }
    }

    /// The memory that holds at a verdict: its own, or that of the nearest one before it that has one.
    final func memory(_ id: Int64, upTo window: Window) throws -> [UInt8] {
        let sql =
            "SELECT memory FROM verdict WHERE objective = ?1 AND (\"end\", start) <= (?2, ?3) "
            + "AND memory IS NOT NULL ORDER BY \"end\" DESC, start DESC LIMIT 1"
        return try with(sql) { statement in
            statement.bind(1, id)
            statement.bind(2, window.end.milliseconds)
            statement.bind(3, window.start.milliseconds)
            return try statement.step() ? statement.blob(0) : []
        }
    }

    /// The verdicts of an objective after that of a window, so many at most, ascending by end, each with the memory that is
    /// stored with it, nil where it leans on the one before, and the version that judged.
    final func verdicts(
        _ objective: Int, after window: Window, atMost count: Int
    ) throws -> [(verdict: JudgedWindow, memory: [UInt8]?, version: Int?)] {
        let sql =
            "SELECT start, \"end\", verdict, value, bound, memory, reason, version FROM verdict "
            + "WHERE objective = ?1 AND (\"end\", start) > (?2, ?3) ORDER BY objective, \"end\", start LIMIT ?4"
        return try with(sql) { statement in
            statement.bind(1, try identities.objective(objective))
            statement.bind(2, window.end.milliseconds)
            statement.bind(3, window.start.milliseconds)
            statement.bind(4, count)
            var found: [(JudgedWindow, [UInt8]?, Int?)] = []
            while try statement.step() {
                found.append(
                    (
                        StoreReader.judged(objective, statement), statement.isNull(5) ? nil : statement.blob(5),
                        statement.int64OrNil(7).map(Int.init)
                    ))
            }
            return found
        }
    }

    private static func judged(_ objective: Int, _ statement: StoreStatement) -> JudgedWindow {
        JudgedWindow(
            objective: objective,
            window: Window(
                start: Instant(milliseconds: statement.int64(0)), end: Instant(milliseconds: statement.int64(1))),
            verdict: Verdict(rawValue: UInt8(truncatingIfNeeded: statement.int64(2))) ?? .notEvaluable,
            value: statement.doubleOrNil(3), limit: statement.doubleOrNil(4),
            reason: statement.textOrNil(6).flatMap(VerdictReason.init(rawValue:)))
    }
}
