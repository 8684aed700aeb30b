import DatabaseFile
import Metering

extension StoreWriter {
    /// Adds lines to the journal; the first must follow its head.
    package func appendJournal(_ lines: [JournalRecord]) throws {
        guard let first = lines.first else { return }
        var next = try journalHead().seq + 1
        guard first.seq == next else {
            throw StoreFault(
                .refused, "journal line \(first.seq) does not follow line \(next - 1): nothing was written")
        }
        try with("INSERT INTO journal (seq, time, line, hash) VALUES (?, ?, ?, ?)") { statement in
            for line in lines {
                guard line.seq == next else {
                    throw StoreFault(
                        .refused, "journal line \(line.seq) does not follow line \(next - 1): nothing was written")
                }
                statement.bind(1, line.seq)
                statement.bind(2, line.time.milliseconds)
                statement.bind(3, line.line)
                statement.bind(4, line.hash)
                try statement.run()
                next += 1
            }
        }
    }

    /// Puts an alert into the outbox and returns its number; the record's own is ignored.
    @discardableResult
    package func enqueueAlert(_ alert: AlertRecord) throws -> Int {
        let sql =
            "INSERT INTO alert (seq, time, severity, json, text) "
            + "VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM alert), ?, ?, ?, ?) RETURNING seq"
        return try with(sql) { statement in
            statement.bind(1, alert.time.milliseconds)
            statement.bind(2, alert.severity)
            statement.bind(3, alert.json)
            statement.bind(4, alert.text)
            return try statement.step() ? statement.int(0) : 0
        }
    }

    /// Puts an alert into the outbox and returns its number.
    @discardableResult
    package func enqueueAlert(time: Instant, severity: String, json: String, text: String) throws -> Int {
        try enqueueAlert(AlertRecord(time: time, severity: severity, json: json, text: text))
    }

    /// Notes how far the alerts have come into a file.
    package func put(_ delivery: AlertDelivery) throws {
        let sql = """
            INSERT INTO delivery (path, delivered, lines, device, inode, "offset") VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET delivered = excluded.delivered, lines = excluded.lines, device = excluded.device,
                inode = excluded.inode, "offset" = excluded."offset"
            """
        try with(sql) { statement in
            statement.bind(1, delivery.path)
            statement.bind(2, delivery.delivered)
            statement.bind(3, delivery.lines)
            statement.bind(4, delivery.device)
            statement.bind(5, delivery.inode)
            statement.bind(6, delivery.offset)
            try statement.run()
        }
    }
}
