import Metering
import Postgres
import RecordStream
import Storage

/// One statement that stores a batch, with its lines as lists: a repeat of it changes nothing.
struct PostgresStatement {
    let schema: String
    let site: String

    /// The statement and its arguments.
    func storing(_ batch: ForwardBatch) -> (String, [String?]) {
        switch batch {
        case .readings(let lines): readings(lines)
        case .windows(let lines): windows(lines)
        case .verdicts(let lines): verdicts(lines)
        case .nonconformities(let lines): nonconformities(lines)
        case .journal(let lines): journal(lines)
        case .heads(let lines):
            (
                """
                INSERT INTO \(schema).head (site, size, note) SELECT $1, * FROM unnest($2::int8[], $3::text[])
                ON CONFLICT DO NOTHING
                """, [site, integers(lines.map(\.size)), PostgresArray.of(lines.map(\.note))]
            )
        }
    }

    /// The last of one key holds: of two in one statement PostgreSQL would refuse both.
    private func last<T, Key: Hashable>(_ lines: [T], by key: (T) -> Key) -> [T] {
        var places: [Key: Int] = [:]
        for (index, line) in lines.enumerated() { places[key(line)] = index }
        if places.count == lines.count { return lines }
        return places.values.sorted().map { lines[$0] }
    }

    private func times(_ times: some Sequence<Instant?>) -> String {
        PostgresArray.plain(times.map { $0.map { "\"\($0.text)\"" } })
    }

    private func numbers(_ numbers: some Sequence<Double?>) -> String {
        PostgresArray.plain(numbers.map { $0.flatMap { $0.isFinite ? "\($0)" : nil } })
    }

    private func integers(_ numbers: some Sequence<Int?>) -> String {
        PostgresArray.plain(numbers.map { $0.map { "\($0)" } })
    }

    private func readings(_ lines: [NamedReading]) -> (String, [String?]) {
        struct Key: Hashable {
            var point: Int64
            var time: Instant
        }
        let lines = last(lines) { Key(point: $0.reading.point, time: $0.reading.time) }
        return (
            """
            INSERT INTO \(schema).reading AS r (site, point, time, value, quality, reason, unit)
            SELECT $1, * FROM unnest($2::text[], $3::timestamptz[], $4::float8[], $5::int2[], $6::int2[], $7::text[])
            ON CONFLICT (site, point, time) DO UPDATE SET value = excluded.value, quality = excluded.quality,
                reason = excluded.reason, unit = excluded.unit
            WHERE (r.value, r.quality, r.reason, r.unit)
                IS DISTINCT FROM (excluded.value, excluded.quality, excluded.reason, excluded.unit)
            """,
            [
                site, PostgresArray.of(lines.map(\.point)), times(lines.map(\.reading.time)),
                numbers(lines.map(\.reading.value)),
                integers(lines.map { LineProtocol.quality($0.reading.quality) }),
                integers(lines.map { Int($0.reading.reason.rawValue) }), PostgresArray.of(lines.map(\.unit)),
            ]
        )
    }

    private func windows(_ lines: [RecordedWindow]) -> (String, [String?]) {
        (
            """
            INSERT INTO \(schema).window_value
                (site, indicator, "end", start, revision, value, status, coverage, flags, unit)
            SELECT $1, * FROM unnest($2::text[], $3::timestamptz[], $4::timestamptz[], $5::int[], $6::float8[],
                $7::int2[], $8::float8[], $9::int[], $10::text[])
            ON CONFLICT DO NOTHING
            """,
            [
                site, PostgresArray.of(lines.map(\.indicator)), times(lines.map(\.window.end)),
                times(lines.map(\.window.start)), integers(lines.map(\.revision)), numbers(lines.map(\.value)),
                integers(lines.map(\.status)), numbers(lines.map(\.coverage)), integers(lines.map(\.flags)),
                PostgresArray.of(lines.map(\.unit)),
            ]
        )
    }

    private func verdicts(_ lines: [RecordedVerdict]) -> (String, [String?]) {
        struct Key: Hashable {
            var objective: String
            var window: Window
        }
        let lines = last(lines) { Key(objective: $0.objective, window: $0.window) }
        return (
            """
            INSERT INTO \(schema).verdict (site, objective, "end", start, verdict, value, bound, unit, revision)
            SELECT $1, * FROM unnest($2::text[], $3::timestamptz[], $4::timestamptz[], $5::int2[], $6::float8[],
                $7::float8[], $8::text[], $9::int[])
            ON CONFLICT (site, objective, "end", start) DO UPDATE SET verdict = excluded.verdict, value = excluded.value,
                bound = excluded.bound, unit = excluded.unit, revision = excluded.revision
            """,
            [
                site, PostgresArray.of(lines.map(\.objective)), times(lines.map(\.window.end)),
                times(lines.map(\.window.start)), integers(lines.map(\.verdict)), numbers(lines.map(\.value)),
                numbers(lines.map(\.bound)), PostgresArray.of(lines.map(\.unit)), integers(lines.map(\.revision)),
            ]
        )
    }

    private func nonconformities(_ lines: [StandingNonconformity]) -> (String, [String?]) {
        let lines = last(lines, by: \.record.id)
        return (
            """
            INSERT INTO \(schema).nonconformity AS n (site, id, objective, title, severity, state, condition, onset, raised_at,
                cleared_at, peak, bound, unit, recurrence_of, due, owner, line, changed)
            SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::float8[], $12::float8[], $13::text[],
                $14::text[], $15::date[], $16::text[], $17::int8[], $18::timestamptz[])
            ON CONFLICT (site, id) DO UPDATE SET objective = excluded.objective, title = excluded.title,
                severity = excluded.severity, state = excluded.state, condition = excluded.condition,
                onset = excluded.onset, raised_at = excluded.raised_at, cleared_at = excluded.cleared_at,
                peak = excluded.peak, bound = excluded.bound, unit = excluded.unit,
                recurrence_of = excluded.recurrence_of, due = excluded.due, owner = excluded.owner,
                line = excluded.line, changed = excluded.changed
            WHERE n.line <= excluded.line
            """,
            [
                site, PostgresArray.of(lines.map(\.record.id)), PostgresArray.of(lines.map(\.record.objective)),
                PostgresArray.of(lines.map(\.record.title)), PostgresArray.of(lines.map(\.record.severity)),
                PostgresArray.of(lines.map(\.record.state)), PostgresArray.of(lines.map(\.record.condition)),
                times(lines.map(\.record.onset)), times(lines.map(\.record.raisedAt)),
                times(lines.map(\.record.clearedAt)),
                numbers(lines.map(\.record.peak)), numbers(lines.map(\.record.bound)),
                PostgresArray.of(lines.map(\.record.unit)),
                PostgresArray.of(lines.map(\.record.recurrenceOf)), PostgresArray.of(lines.map(\.due)),
                PostgresArray.of(lines.map(\.owner)), integers(lines.map(\.line)), times(lines.map(\.time)),
            ]
        )
    }

    private func journal(_ lines: [JournalRecord]) -> (String, [String?]) {
        (
            """
            INSERT INTO \(schema).journal (site, n, time, line, hash)
            SELECT $1, * FROM unnest($2::int8[], $3::timestamptz[], $4::text[], $5::text[]) AS t (n, time, line, hash)
            ORDER BY n
            """,
            [
                site, integers(lines.map(\.seq)), times(lines.map(\.time)), PostgresArray.of(lines.map(\.line)),
                PostgresArray.of(lines.map(\.hash)),
            ]
        )
    }
}
