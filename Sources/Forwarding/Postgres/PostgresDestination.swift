import Foundation
import Metering
import PlantConfiguration
import Postgres
import Storage

/// Head office's register on PostgreSQL, or on what speaks its protocol.
final class PostgresDestination: ForwardDestination {
    private let target: ForwardTarget
    private let isEnding: @Sendable () -> Bool
    private var connection: PostgresConnection?
    private var told = 0
    /// Bytes over connections that are gone, which nobody was told of yet.
    private var lost = 0

    /// A register.
    init(_ target: ForwardTarget, isEnding: @escaping @Sendable () -> Bool) {
        self.target = target
        self.isEnding = isEnding
    }

    // MARK: Connection

    func open(_ site: ForwardedSite) throws(ForwardFailure) -> Int? {
        if connection != nil { return nil }
        var parameters: [(String, String)] = []
        if let user = target.user { parameters.append(("user", user)) }
        if let password = try target.password?.text() { parameters.append(("password", password)) }
        if let authority = target.authority {
            parameters.append(("sslrootcert", authority))
            if !target.url.contains("sslmode=") { parameters.append(("sslmode", "verify-full")) }
        }
        if let certificate = target.certificate, let key = target.key {
            parameters += [("sslcert", certificate), ("sslkey", try key.file())]
        }
        return try failing { [self] () throws(PostgresConnection.Fault) in
            let opened = try PostgresConnection(target.url, parameters, isEnding: isEnding)
            told = 0
            try prepare(opened)
            try introduce(site, to: opened)
            let answer = try opened.run(
                "SELECT coalesce(max(n), 0) FROM \(target.schema).journal WHERE site = $1", [target.site])
            let held = answer.first?.first.flatMap { $0 }.flatMap { Int($0) } ?? 0
            if held > site.lines {
                try contradict(
                    "it goes back: its journal has \(site.lines) lines, and \(held) are in the register: an older copy "
                        + "of its database is in use, or another gateway has its name", on: opened)
            }
            connection = opened
            return held
        }
    }

    /// Makes the tables where they are missing; hundreds of sites may come at once.
    private func prepare(_ connection: PostgresConnection) throws(PostgresConnection.Fault) {
        try connection.run(script: "SET client_min_messages TO warning; SET synchronous_commit TO on")
        let newest = try connection.run("SELECT to_regclass($1)", ["\(target.schema).witness"])
        if newest.first?.first.flatMap({ $0 }) != nil { return }
        try connection.run(
            script: "BEGIN; SELECT pg_advisory_xact_lock(3649571); " + RegisterSchema.script(target.schema) + "COMMIT")
    }

    private func introduce(
        _ site: ForwardedSite, to connection: PostgresConnection
    ) throws(PostgresConnection.Fault) {
        try connection.run(
            """
            INSERT INTO \(target.schema).site (site, version, configuration) VALUES ($1, $2, $3)
            ON CONFLICT (site) DO UPDATE SET last_seen = now(), version = excluded.version,
                configuration = excluded.configuration
            """, [target.site, site.version, site.configuration])
        let objectives = site.objectives
        try connection.run(
            """
            INSERT INTO \(target.schema).objective AS o
                (site, objective, title, indicator, unit, definition, configuration)
            SELECT $1, name, title, indicator, unit, definition, $2
            FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
                AS t (name, title, indicator, unit, definition)
            ON CONFLICT (site, objective) DO UPDATE SET title = excluded.title, indicator = excluded.indicator,
                unit = excluded.unit, definition = excluded.definition, configuration = excluded.configuration,
                since = CASE WHEN o.definition = excluded.definition THEN o.since ELSE now() END
            """,
            [
                target.site, site.configuration, PostgresArray.of(objectives.map(\.name)),
                PostgresArray.of(objectives.map(\.title)), PostgresArray.of(objectives.map(\.indicator)),
                PostgresArray.of(objectives.map(\.unit)), PostgresArray.of(objectives.map(\.definition)),
            ])
        try connection.run(
            "DELETE FROM \(target.schema).objective WHERE site = $1 AND objective <> ALL ($2::text[])",
            [target.site, PostgresArray.of(objectives.map(\.name))])
    }

    /// Leaves word for head office, to whom this site looks as if it lived on.
    private func contradict(_ text: String, on connection: PostgresConnection) throws(PostgresConnection.Fault) {
        try connection.run(
            "UPDATE \(target.schema).site SET contradiction = $2, contradicted = now() WHERE site = $1",
            [target.site, text])
    }

    func beat(now: Instant) throws(ForwardFailure) {
        try failing { [self] () throws(PostgresConnection.Fault) in
            _ = try connection?.run(
                "UPDATE \(target.schema).site SET last_seen = now(), clock = $2::timestamptz WHERE site = $1",
                [target.site, now.text])
        }
    }

    func cosignatures(after size: Int) throws(ForwardFailure) -> [RegisteredCosignature] {
        let rows = try failing { [self] () throws(PostgresConnection.Fault) in
            try connection?.run(
                "SELECT size, note FROM \(target.schema).witness WHERE site = $1 AND size > $2 ORDER BY size LIMIT 100",
                [target.site, "\(size)"])
        }
        return (rows ?? []).compactMap { row in
            guard let size = row[0].flatMap({ Int($0) }), let note = row[1] else { return nil }
            return RegisteredCosignature(size: size, note: note)
        }
    }

    func close() {
        lost += (connection?.bytes ?? told) - told
        told = 0
        connection = nil
    }

    func takeBytes() -> Int {
        let bytes = connection?.bytes ?? told
        defer { (told, lost) = (bytes, 0) }
        return lost + bytes - told
    }

    // MARK: Batches

    func send(_ batch: ForwardBatch) throws(ForwardFailure) {
        guard let connection else { throw .later("there is no connection") }
        let statement = PostgresStatement(schema: target.schema, site: target.site)
        let (sql, arguments) = statement.storing(batch)
        do {
            try failing { () throws(PostgresConnection.Fault) in _ = try connection.run(sql, arguments) }
        } catch {
            // Only the register's own rule says that it is another journal; a text that it cannot keep says nothing of it.
            if case .refused(let said) = error, said.hasSuffix("(P0001)"), case .journal = batch {
                let words = "its journal is not the one that came before: \(said)"
                try failing { [self] () throws(PostgresConnection.Fault) in try contradict(words, on: connection) }
                // Two gateways of one name: nothing of this one may stand among what is the other's.
                throw .denied("the register does not take this site: \(words)")
            }
            throw error
        }
    }

    /// Runs something, and says what its failure means.
    private func failing<T>(
        _ body: () throws(PostgresConnection.Fault) -> T
    ) throws(ForwardFailure) -> T {
        do {
            return try body()
        } catch {
            if isEnding() { throw .ending }
            let said = error.state.isEmpty ? error.message : "\(error.message) (\(error.state))"
            switch error.state.prefix(2) {
            case "22", "23", "P0": throw .refused(said)
            case "42", "3D", "3F", "28": throw .denied("the register does not let us in: \(said)")
            default:
                close()
                // Before a password is asked for nothing has a state.
                let isDenial =
                    said.contains("authentication failed") || said.contains("no pg_hba.conf entry")
                    || said.contains("certificate verify failed") || said.contains("does not exist")
                throw isDenial ? .denied("the register does not let us in: \(said)") : .later("no answer: \(said)")
            }
        }
    }
}
