import ArgumentParser
import Foundation
import Listings
import PlantAPI
import Programs

extension ListingFormat: ExpressibleByArgument {}

/// Where to look: the daemon's socket, or a database offline.
struct PlantOptions: ParsableArguments {
    @Option(
        help: """
            The daemon's socket (default: $EMSD_SOCKET, or /run/emsd/emsd.sock), or https://HOST:PORT of its TLS listener: \
            $EMSD_TOKEN_FILE, or $EMSD_CERTIFICATE_FILE and $EMSD_KEY_FILE, say who asks, $EMSD_CA_FILE who is believed.
            """)
    var socket: String?

    @Option(help: "Reads the database in this directory offline, without a daemon.")
    var database: String?

    @Flag(name: .shortAndLong, help: "Adds detail to errors.")
    var verbose = false

    func validate() throws {
        if socket != nil, database != nil { throw ValidationError("give --socket or --database, not both") }
        if socket?.isEmpty == true { throw ValidationError("--socket needs the path of a socket, not nothing") }
        if database?.isEmpty == true { throw ValidationError("--database needs a directory, not nothing") }
    }

    /// The daemon; throws a ``CommandError`` (64) where a database was given for something that only the daemon does.
    func daemon(for purpose: String) throws -> Daemon {
        if database != nil {
            throw CommandError(.usage, "\(purpose) needs the running daemon: give --socket instead of --database")
        }
        return Daemon(socket: socketPath)
    }

    /// Answers an query, piece by piece.
    @discardableResult
    func ask(_ query: ListingQuery, sink: @escaping ([UInt8]) throws -> Void) async throws -> ExitStatus {
        if let database { return try PlantRecord(directory: database).answer(query, sink: sink) }
        return try await Daemon(socket: socketPath).get(query.target, sink: sink)
    }

    /// Answers an query on standard output, as the screen can show it, and ends the program as the answer says.
    func show(_ query: ListingQuery, on form: FormatOption) async throws {
        var query = query
        query.format = form.format
        query.terminal = form.terminal
        let status = try await ask(query) { try StandardStreams.output($0) }
        if status != .done { throw ExitCode(status.rawValue) }
    }

    /// Shows what the management system keeps beside numbers.
    func manage(_ what: ManagementListing, name: String?, on form: FormatOption) async throws {
        let sink: ([UInt8]) throws -> Void = { try StandardStreams.output($0) }
        if let database {
            return try PlantRecord(directory: database).manage(
                what, name: name, format: form.format, terminal: form.terminal, sink: sink)
        }
        let allowed = CharacterSet.alphanumerics.union(["-", "_", "."])
        let narrowed = name?.addingPercentEncoding(withAllowedCharacters: allowed).map { "&name=\($0)" } ?? ""
        _ = try await Daemon(socket: socketPath).get(
            "/v1/management/\(what.rawValue)?\(form.query)\(narrowed)", sink: sink)
    }

    /// Tries objectives over the record.
    func tryOut(
        _ request: TrialRequest, on form: FormatOption, sink: @escaping ([UInt8]) throws -> Void
    ) async throws {
        if let database {
            return try PlantRecord(directory: database).tryOut(
                request, format: form.format, terminal: form.terminal, sink: sink)
        }
        _ = try await Daemon(socket: socketPath).post(
            "/v1/test-objective?\(form.query)", JSONEncoder().encode(request), sink: sink)
    }

    private var socketPath: String {
        socket ?? ProcessInfo.processInfo.environment["EMSD_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
            ?? "/run/emsd/emsd.sock"
    }
}

/// In which form to show it.
struct FormatOption: ParsableArguments {
    @Option(help: "table (for people), json or csv.")
    var format: ListingFormat = .table

    @Flag(help: "Tables with all columns and whole names, however narrow the screen is.")
    var wide = false

    @Option(help: "Colour in tables: auto (on a terminal, unless NO_COLOR is set), always or never.")
    var color: ColorChoice = .auto

    /// What standard output can show of a table.
    var terminal: TerminalForm { OutputTerminal.form(wide: wide, color: color) }

    /// The same as what is asked of a daemon.
    fileprivate var query: String {
        let items = [("format", format.rawValue)] + (format == .table ? terminal.items : [])
        return items.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }
}

/// Which stretch of time to show.
struct StretchOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: "From when on: 2026-11-01T06:00:00Z, 2026-11-01 (local midnight), -24h, today. Tables begin 24 h ago.")
    var since: String?

    @Option(parsing: .unconditional, help: "Up to when, not included; written like --since.")
    var until: String?
}

/// Which qualities to show.
struct QualityOption: ParsableArguments {
    @Option(help: "Only those of this quality: good, uncertain or bad; may be repeated.")
    var quality: [String] = []

    /// The query for those only.
    func narrow(_ query: ListingQuery) -> ListingQuery {
        var narrowed = query
        if !quality.isEmpty { narrowed.filters[.quality] = quality }
        return narrowed
    }
}
