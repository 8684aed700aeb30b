import Conformity
import Indicators
import Metering

extension StoreWriter {
    /// Stores the verdict about a window, in place of an older one about the same window.
    package func put(verdict: JudgedWindow) throws {
        let id = try identities.objective(verdict.objective)
        let end = verdict.window.end.milliseconds
        let last = try lastVerdict(id)
        if last == nil || end > last!.end {
            let leans = last.map { $0.memory == verdict.memory && !isMilestone(end, after: $0.end) } ?? false
            try write(verdict, id, memory: leans ? nil : verdict.memory)
            state.verdicts[id] = (end, verdict.memory)
            return
        }
        // The one after it may lean on what stands here now: it gets a memory of its own first.
        if let next = try next(id, after: verdict.window), next.leans {
            try setMemory(id, next.window, try memory(id, upTo: next.window))
        }
        try write(verdict, id, memory: verdict.memory)
        state.verdicts[id] = nil
    }

    /// Whether a verdict keeps a memory of its own although it is that of the one before: a few hundred windows apart, so
    /// that whoever asks need not go back to the beginning.
    private func isMilestone(_ end: Int64, after last: Int64) -> Bool {
        let stretch = (end - last) * 256
        return end / stretch != last / stretch
    }

    private func lastVerdict(_ id: Int64) throws -> (end: Int64, memory: [UInt8])? {
        if let known = state.verdicts[id] { return known }
        let sql = "SELECT \"end\", start FROM verdict WHERE objective = ? ORDER BY \"end\" DESC, start DESC LIMIT 1"
        let window: Window? = try with(sql) { statement in
            statement.bind(1, id)
            guard try statement.step() else { return nil }
            return Window(
                start: Instant(milliseconds: statement.int64(1)), end: Instant(milliseconds: statement.int64(0)))
        }
        guard let window else { return nil }
        let last = (end: window.end.milliseconds, memory: try memory(id, upTo: window))
        state.verdicts[id] = last
        return last
    }

    func next(_ id: Int64, after window: Window) throws -> (window: Window, leans: Bool)? {
        let sql =
            "SELECT start, \"end\", memory IS NULL FROM verdict WHERE objective = ?1 AND (\"end\", start) > (?2, ?3) "
            + "ORDER BY \"end\", start LIMIT 1"
        return try with(sql) { statement in
            statement.bind(1, id)
            statement.bind(2, window.end.milliseconds)
            statement.bind(3, window.start.milliseconds)
            guard try statement.step() else { return nil }
            let next = Window(
                start: Instant(milliseconds: statement.int64(0)), end: Instant(milliseconds: statement.int64(1)))
            return (next, statement.int64(2) != 0)
        }
    }

    func setMemory(_ id: Int64, _ window: Window, _ memory: [UInt8]) throws {
        try with("UPDATE verdict SET memory = ? WHERE objective = ? AND \"end\" = ? AND start = ?") { statement in
            statement.bind(1, memory)
            statement.bind(2, id)
            statement.bind(3, window.end.milliseconds)
            statement.bind(4, window.start.milliseconds)
            try statement.run()
        }
    }

    func write(_ verdict: JudgedWindow, _ id: Int64, memory: [UInt8]?) throws {
        let sql = """
            INSERT INTO verdict (objective, "end", start, verdict, value, bound, memory, version, reason)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET verdict = excluded.verdict, value = excluded.value, bound = excluded.bound,
                memory = excluded.memory, version = excluded.version, reason = excluded.reason
            """
        try with(sql) { statement in
            statement.bind(1, id)
            statement.bind(2, verdict.window.end.milliseconds)
            statement.bind(3, verdict.window.start.milliseconds)
            statement.bind(4, Int64(verdict.verdict.rawValue))
            statement.bind(5, verdict.value)
            statement.bind(6, verdict.limit)
            statement.bind(7, memory)
            statement.bind(8, version.map(Int64.init))
            statement.bind(9, verdict.reason?.rawValue)
            try statement.run()
        }
        try logVerdict(id, verdict.window)
    }

    /// Removes the verdict about a window, where a revision found that it is not judged at all.
    package func removeVerdict(_ objective: Int, _ window: Window) throws {
        let id = try identities.objective(objective)
        if let next = try next(id, after: window), next.leans {
            try setMemory(id, next.window, try memory(id, upTo: next.window))
        }
        state.verdicts[id] = nil
        try delete(id, window)
    }

    func delete(_ id: Int64, _ window: Window) throws {
        try with("DELETE FROM verdict WHERE objective = ? AND \"end\" = ? AND start = ?") { statement in
            statement.bind(1, id)
            statement.bind(2, window.end.milliseconds)
            statement.bind(3, window.start.milliseconds)
            try statement.run()
        }
        try logVerdict(id, window)
    }
}
