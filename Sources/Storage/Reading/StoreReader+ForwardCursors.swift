import DatabaseFile
import Metering

extension StoreReader {
    /// How far each target has the record.
    package final func forwardCursors() throws -> [ForwardCursor] {
        let sql = """
            SELECT target, stream, first, second, past_thing, past_end, since, lines, acknowledged FROM forward_cursor
            ORDER BY target, stream
            """
        return try with(sql) { statement in
            var found: [ForwardCursor] = []
            while try statement.step() {
                var cursor = ForwardCursor(
                    target: statement.text(0), stream: statement.text(1), first: statement.int64(2),
                    since: Instant(milliseconds: statement.int64(6)))
                cursor.second = statement.int64(3)
                if let thing = statement.int64OrNil(4) { cursor.past = (thing, statement.int64(5)) }
                cursor.lines = statement.int(7)
                cursor.acknowledged = statement.int64OrNil(8).map(Instant.init(milliseconds:))
                found.append(cursor)
            }
            return found
        }
    }

    /// How many lines of each target were refused for good.
    package final func forwardRejections() throws -> [String: Int] {
        try with("SELECT target, count(*) FROM forward_rejected GROUP BY target") { statement in
            var found: [String: Int] = [:]
            while try statement.step() { found[statement.text(0)] = statement.int(1) }
            return found
        }
    }
}
