import Metering

extension StoreWriter {
    /// Keeps a head that was signed, and returns its number.
    @discardableResult
    package func keep(_ head: HeadRecord) throws -> Int {
        let sql =
            "INSERT INTO head (number, time, size, note) VALUES ((SELECT coalesce(max(number), 0) + 1 FROM head), ?, ?, ?) "
            + "RETURNING number"
        return try with(sql) { statement in
            statement.bind(1, head.time.milliseconds)
            statement.bind(2, head.size)
            statement.bind(3, head.note)
            return try statement.step() ? statement.int(0) : 0
        }
    }

    /// Keeps what somebody said of a head.
    package func keep(_ witness: WitnessRecord) throws {
        let sql =
            "INSERT INTO witness (number, time, head, kind, data) "
            + "VALUES ((SELECT coalesce(max(number), 0) + 1 FROM witness), ?, ?, ?, ?)"
        try with(sql) { statement in
            statement.bind(1, witness.time.milliseconds)
            statement.bind(2, witness.head)
            statement.bind(3, witness.kind.rawValue)
            statement.bind(4, witness.data)
            try statement.run()
        }
    }

    /// Keeps the root of a complete tile of the journal's tree.
    package func keepTile(_ number: Int, root: [UInt8]) throws {
        try with("INSERT INTO tile (number, root) VALUES (?, ?) ON CONFLICT DO UPDATE SET root = excluded.root") {
            statement in
            statement.bind(1, number)
            statement.bind(2, root)
            try statement.run()
        }
    }
}
