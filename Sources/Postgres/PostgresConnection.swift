import CPostgres
import Foundation
import Glibc
import Platform

/// One connection over libpq that never waits longer than it was told, and gives up at once when it is to end.
///
/// ```
/// let connection = try PostgresConnection("postgresql://emsd@head-office/fleet")
/// let rows = try connection.run("SELECT line FROM emsd.journal WHERE site = $1 ORDER BY n", [site])
/// ```
package final class PostgresConnection {
    /// Why a statement failed.
    package struct Fault: Error, Sendable {
        /// Five characters of the standard; empty where the connection is gone.
        package var state: String
        package var message: String
    }

    /// Milliseconds for a connection, and for a statement.
    private static let patience: Int64 = 60_000

    private let connection: OpaquePointer
    private let isEnding: @Sendable () -> Bool
    /// Bytes of all arguments that were sent.
    package private(set) var bytes = 0

    /// Connects to a URL or a connection text; `parameters` come after it and win.
    package init(
        _ url: String, _ parameters: [(String, String)] = [], isEnding: @escaping @Sendable () -> Bool = { false }
    ) throws(Fault) {
        self.isEnding = isEnding
        let all = [("dbname", url), ("application_name", "emsd"), ("client_encoding", "UTF8")] + parameters
        let texts = all.flatMap { [strdup($0.0), strdup($0.1)] }
        defer { for text in texts { free(text) } }
        var keys: [UnsafePointer<CChar>?] = stride(from: 0, to: texts.count, by: 2).map { UnsafePointer(texts[$0]) }
        var values: [UnsafePointer<CChar>?] = stride(from: 1, to: texts.count, by: 2).map { UnsafePointer(texts[$0]) }
        keys.append(nil)
        values.append(nil)
        guard let connection = PQconnectStartParams(keys, values, 1) else {
            throw Fault(state: "", message: "no memory for a connection")
        }
        self.connection = connection
        // What fails from here on is ended by deinit.
        try establish()
        PQsetnonblocking(connection, 1)
    }

    deinit { PQfinish(connection) }

    private func establish() throws(Fault) {
        let end = WallClock.steadyMilliseconds() + PostgresConnection.patience / 4
        var wanted = PGRES_POLLING_WRITING
        while true {
            guard PQstatus(connection) != CONNECTION_BAD else { throw fault() }
            switch wanted {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_FAILED: throw fault()
            case PGRES_POLLING_READING: try wait(Int16(POLLIN), until: end)
            default: try wait(Int16(POLLOUT), until: end)
            }
            wanted = PQconnectPoll(connection)
        }
    }

    private func fault() -> Fault {
        let text = String(cString: PQerrorMessage(connection)).split(separator: "\n").joined(separator: " ")
        return Fault(state: "", message: text.isEmpty ? "the connection broke" : text)
    }

    private func wait(_ events: Int16, until end: Int64) throws(Fault) {
        while true {
            if isEnding() { throw Fault(state: "", message: "the daemon is stopping") }
            let left = end - WallClock.steadyMilliseconds()
            guard left > 0 else { throw Fault(state: "", message: "no answer in time") }
            var watched = pollfd(fd: PQsocket(connection), events: events, revents: 0)
            if poll(&watched, 1, Int32(min(left, 200))) != 0 { return }
        }
    }

    /// Runs statements without arguments.
    package func run(script: String) throws(Fault) {
        guard PQsendQuery(connection, script) == 1 else { throw fault() }
        _ = try results()
    }

    /// Runs one statement with arguments as texts, and gives the rows of its answer.
    @discardableResult
    package func run(_ sql: String, _ arguments: [String?] = []) throws(Fault) -> [[String?]] {
        let texts = arguments.map { $0.flatMap { strdup($0) } }
        defer { for text in texts { free(text) } }
        let values: [UnsafePointer<CChar>?] = texts.map { $0.map { UnsafePointer($0) } }
        bytes += arguments.reduce(sql.utf8.count) { $0 + ($1?.utf8.count ?? 0) }
        guard PQsendQueryParams(connection, sql, Int32(values.count), nil, values, nil, nil, 0) == 1 else {
            throw fault()
        }
        return try results()
    }

    private func results() throws(Fault) -> [[String?]] {
        let end = WallClock.steadyMilliseconds() + PostgresConnection.patience
        while true {
            let left = PQflush(connection)
            if left < 0 { throw fault() }
            if left == 0 { break }
            // The server may want to be heard before it takes more.
            try wait(Int16(POLLOUT | POLLIN), until: end)
            guard PQconsumeInput(connection) == 1 else { throw fault() }
        }
        var rows: [[String?]] = []
        var failure: Fault?
        while true {
            guard WallClock.steadyMilliseconds() < end else { throw Fault(state: "", message: "no answer in time") }
            while PQisBusy(connection) == 1 {
                try wait(Int16(POLLIN), until: end)
                guard PQconsumeInput(connection) == 1 else { throw fault() }
            }
            guard let result = PQgetResult(connection) else { break }
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_TUPLES_OK: rows = PostgresConnection.rows(result)
            case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
            // Of these the library has more and more, without asking the server.
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                throw Fault(state: "", message: "the server wants to copy data, which nobody asked for")
            default: failure = failure ?? PostgresConnection.fault(result)
            }
        }
        if PQstatus(connection) == CONNECTION_BAD {
            throw failure.map { Fault(state: "", message: $0.message) } ?? fault()
        }
        if let failure { throw failure }
        return rows
    }

    private static func rows(_ result: OpaquePointer) -> [[String?]] {
        (0..<PQntuples(result)).map { row in
            (0..<PQnfields(result)).map { column in
                PQgetisnull(result, row, column) == 1 ? nil : String(cString: PQgetvalue(result, row, column))
            }
        }
    }

    private static func fault(_ result: OpaquePointer) -> Fault {
        func field(_ code: Character) -> String {
            PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) } ?? ""
        }
        let message = field("M")
        return Fault(
            state: field("C"),
            message: message.isEmpty ? String(cString: PQresultErrorMessage(result)) : message)
    }
}
