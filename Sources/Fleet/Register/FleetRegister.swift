import Conformity
import Evidence
import Metering
import Postgres

/// Head office's register on PostgreSQL, as whoever checks it reads it: one state of it for the whole check.
package final class FleetRegister {
    private static let portion = 5000

    let connection: PostgresConnection
    let schema: String

    /// The register over a connection; the schema's name must be an identifier.
    ///
    /// Throws a `PostgresConnection.Fault`, as all that follows.
    package init(_ connection: PostgresConnection, schema: String) throws {
        self.connection = connection
        self.schema = schema
        try connection.run(script: "SET client_min_messages TO warning; BEGIN ISOLATION LEVEL REPEATABLE READ")
    }

    private static func milliseconds(_ column: String) -> String { "(extract(epoch FROM \(column)) * 1000)::int8" }

    private static func instant(_ text: String?) -> Instant? {
        text.flatMap { Int64($0) }.map(Instant.init(milliseconds:))
    }

    /// All sites that it knows anything of, without their heads.
    package func sites() throws -> [RegisteredSite] {
        let rows = try connection.run(
            """
            SELECT name, \(Self.milliseconds("last_seen")), contradiction, \(Self.milliseconds("contradicted"))
            FROM (SELECT site AS name FROM \(schema).site UNION SELECT site FROM \(schema).head
                UNION SELECT site FROM \(schema).witness) AS known LEFT JOIN \(schema).site ON site = name ORDER BY name
            """)
        return rows.compactMap { row in
            guard let name = row[0] else { return nil }
            var site = RegisteredSite(name: name, lastSeen: Self.instant(row[1]))
            if let text = row[2], let at = Self.instant(row[3]) { site.contradiction = .init(text: text, at: at) }
            return site
        }
    }

    /// Adds the heads of a site, what was seen of it, and when its last line came.
    package func complete(_ site: inout RegisteredSite) throws {
        site.lastLine = Self.instant(
            try connection.run(
                "SELECT \(Self.milliseconds("received")) FROM \(schema).journal WHERE site = $1 ORDER BY n DESC LIMIT 1",
                [site.name]
            ).first?[0])
        site.heads = try connection.run(
            """
            SELECT note, \(Self.milliseconds("received")) FROM \(schema).head WHERE site = $1 ORDER BY received, size
            """, [site.name]
        ).compactMap { row in
            guard let note = row[0], let received = Self.instant(row[1]) else { return nil }
            return .init(note: note, received: received)
        }
        site.seen += try connection.run(
            "SELECT size, root, \(Self.milliseconds("at")) FROM \(schema).witness WHERE site = $1 ORDER BY size",
            [site.name]
        ).compactMap { row in
            guard let size = row[0].flatMap({ Int($0) }), let root = row[1], let at = Self.instant(row[2]) else {
                return nil
            }
            // A root that is none equals none, which is said.
            return SeenHead(size: size, root: MerkleHash(base64: root) ?? MerkleHash(line: root), at: at)
        }
    }

    /// The next lines of a site's journal after a number, some thousand at a time; none: that was all.
    package func lines(of site: String, after number: Int) throws -> [JournalLine] {
        try connection.run(
            "SELECT n, line, hash FROM \(schema).journal WHERE site = $1 AND n > $2 ORDER BY n LIMIT \(Self.portion)",
            [site, "\(number)"]
        ).compactMap { row in
            guard let number = row[0].flatMap({ Int($0) }), let text = row[1], let hash = row[2] else { return nil }
            return JournalLine(sequence: number, text: text, hash: hash)
        }
    }
}
