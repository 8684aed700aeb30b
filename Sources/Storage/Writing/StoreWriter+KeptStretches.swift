import Metering

extension StoreWriter {
    /// Notes that the readings of some points over a stretch stay beyond their retention, for a nonconformity; in place of what was
    /// noted for it before. `end` nil: it lasts.
    package func keepReadings(
        of points: [PointIndex], from start: Instant, until end: Instant?, for nonconformity: String
    ) throws {
        try with("DELETE FROM kept_stretch WHERE number = (SELECT number FROM nonconformity WHERE id = ?)") {
            $0.bind(1, nonconformity)
            try $0.run()
        }
        let sql =
            "INSERT INTO kept_stretch (number, point, first, last) SELECT number, ?2, ?3, ?4 FROM nonconformity "
            + "WHERE id = ?1"
        try with(sql) { statement in
            for point in points {
                statement.bind(1, nonconformity)
                statement.bind(2, try identities.point(point))
                statement.bind(3, start.milliseconds)
                statement.bind(4, end?.milliseconds)
                try statement.run()
            }
        }
    }

    /// Notes that what is kept for a nonconformity while it lasts ends.
    package func endKeptReadings(for nonconformity: String, at end: Instant) throws {
        let sql =
            "UPDATE kept_stretch SET last = ?2 WHERE last IS NULL AND first < ?2 "
            + "AND number = (SELECT number FROM nonconformity WHERE id = ?1)"
        try with(sql) {
            $0.bind(1, nonconformity)
            $0.bind(2, end.milliseconds)
            try $0.run()
        }
    }
}

extension StoreReader {
    /// That a chunk holds nothing that is kept for a nonconformity.
    static let isNotKept = """
        NOT EXISTS (SELECT 1 FROM kept_stretch WHERE kept_stretch.point = chunk.point
            AND chunk.last >= kept_stretch.first AND (kept_stretch.last IS NULL OR chunk.first < kept_stretch.last))
        """

    /// What is kept for a nonconformity beyond retention: the points in their order, and the stretch; nil: nothing is.
    package final func keptReadings(for nonconformity: String) throws -> KeptReadings? {
        let rows = try keptRows(for: nonconformity)
        guard let first = rows.first else { return nil }
        return KeptReadings(points: rows.flatMap(\.points), start: first.start, end: first.end)
    }

    /// The same row by row, each of one point.
    package final func keptRows(for nonconformity: String) throws -> [KeptReadings] {
        let sql = """
            SELECT point.name, kept_stretch.first, kept_stretch.last FROM kept_stretch
            JOIN nonconformity USING (number) JOIN point ON point.id = kept_stretch.point
            WHERE nonconformity.id = ? ORDER BY point.position, point.id
            """
        return try with(sql) { statement in
            statement.bind(1, nonconformity)
            var rows: [KeptReadings] = []
            while try statement.step() {
                rows.append(
                    KeptReadings(
                        points: [statement.text(0)], start: Instant(milliseconds: statement.int64(1)),
                        end: statement.int64OrNil(2).map(Instant.init(milliseconds:))))
            }
            return rows
        }
    }
}

/// Readings that stay as long as the nonconformity that they belong to: for ever.
package struct KeptReadings: Sendable, Hashable {
    /// The names of the points.
    package var points: [String]
    package var start: Instant
    /// Nil while it lasts.
    package var end: Instant?
}
