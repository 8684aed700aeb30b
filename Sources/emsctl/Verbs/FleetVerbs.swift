import ArgumentParser
import Evidence
import Fleet
import Foundation
import Listings
import Metering
import PlantAPI
import Platform
import Postgres
import Programs
import SignedNotes

/// `emsctl fleet`
struct FleetVerbs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet", abstract: "What head office does with the journals of its sites.",
        subcommands: [FleetCheckVerb.self, FleetInitVerb.self])
}

/// `emsctl fleet init`
struct FleetInitVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Makes the key with which head office cosigns, and prints what verifies it.",
        discussion: """
            The key stays at head office. A site writes what is printed under 'witnesses' of its forward target, to take the \
            cosignatures from the register, and gives it to 'emsctl audit verify --vkey'.
            """)

    @Option(help: "Whose key it is, without blanks and plus, such as office.example/witness.")
    var name: String

    @Option(help: "The key's file, which only its owner may read.")
    var key: String

    func run() async throws {
        let file = try AuditVerbs.sayingWhy { try KeyFile.make(key, name: name, for: .cosignature) }
        let verifier = file.current.verifier
        try StandardStreams.output(
            Array(
                """
                verifier key  \(verifier.text)
                fingerprint   \(verifier.fingerprint)
                key           \(file.path)

                """.utf8))
    }
}

/// `emsctl fleet check`
struct FleetCheckVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Recomputes each site's journal from head office's register; 1 where one does not go on from before.",
        discussion: """
            For each site: the chain over its lines, each signed head over them, and that nothing is gone or other than what \
            was seen before. A site that goes back in size, one with two stories, and one that is silent for an hour are \
            named, with exit status 1. Only reads, but for --cosign.

            --seen FILE keeps what was seen, outside the register: so whoever owns that cannot turn both back. --cosign \
            signs the newest head of each site that holds, and puts it into the table 'witness', from where a site \
            takes it that names this key under 'witnesses' of its forward target; what was seen is then kept beside the key.

            The password comes from --password-file, from PGPASSWORD or ~/.pgpass, never from the command line.
            """)

    @Option(help: "The register: postgresql://USER@HOST/DATABASE.")
    var postgres: String

    @Option(help: "The schema with its tables.")
    var schema = "emsd"

    @Option(help: "A file with the password of the database's user, which others cannot read.")
    var passwordFile: String?

    @Option(help: "Cosigns with the key in this file ('emsctl fleet init').")
    var cosign: String?

    @Option(help: "Keeps what was seen of each site in this file (default with --cosign: KEYFILE.seen).")
    var seen: String?

    @Option(help: "A site's verifier key, as 'emsctl audit init' printed it; may be repeated.")
    var vkey: [String] = []

    @Option(help: "Only this site; may be repeated.")
    var site: [String] = []

    @OptionGroup var form: FormatOption

    static let columns = [
        ListingColumn("site"), ListingColumn("lines", .number), ListingColumn("heads", .number),
        ListingColumn("head", .number), ListingColumn("head_at"), ListingColumn("seen", .number),
        ListingColumn("seen_at"), ListingColumn("state"), ListingColumn("finding"),
    ]

    func validate() throws {
        let parts = URLComponents(string: postgres)
        if parts?.password != nil || parts?.queryItems?.contains(where: { $0.name.contains("password") }) == true {
            throw ValidationError(
                "a password in --postgres would stand in the process list: give --password-file, or ~/.pgpass")
        }
        guard schema.wholeMatch(of: /[a-z_][a-z0-9_]*/) != nil else {
            throw ValidationError("--schema takes a name of small letters, digits and _, not '\(schema)'")
        }
    }

    func run() async throws {
        let keys = try vkey.map { text in
            guard let key = VerifierKey(text: text) else {
                throw CommandError(.badInput, "'\(text)' is no verifier key")
            }
            return key
        }
        let signer = try cosign.map { path in
            guard let file = try AuditVerbs.sayingWhy({ try KeyFile.read(path, for: .cosignature) }) else {
                throw CommandError(.inputOutput, "there is no key in \(path): make one with 'emsctl fleet init'")
            }
            return file.current
        }
        let path = seen ?? cosign.map { $0 + ".seen" }
        do {
            let reports = try check(keys, path.map { try memory($0) ?? SeenSites() }, signer, path)
            if !reports.allSatisfy(\.isInOrder) { throw ExitCode(ExitStatus.notInOrder.rawValue) }
        } catch let fault as PostgresConnection.Fault {
            throw fault.commandError(schema)
        } catch let unknown as FleetCheck.UnknownSite {
            throw CommandError(.badInput, "the register knows no site '\(unknown.name)'")
        }
    }

    private func check(
        _ keys: [VerifierKey], _ memory: SeenSites?, _ signer: SignerKey?, _ path: String?
    ) throws -> [SiteReport] {
        let password = try passwordFile.map { path in
            do { return try SecretFile.line(path) } catch { throw CommandError(.notPermitted, "\(error)") }
        }
        let register = try FleetRegister(
            try PostgresConnection(postgres, password.map { [("password", $0)] } ?? []), schema: schema)
        guard let calendar = SiteCalendar(identifier: TimeZone.current.identifier) ?? SiteCalendar(identifier: "UTC")
        else { throw CommandError(.inputOutput, "this machine does not know the zone UTC: install tzdata") }
        let now = Instant(milliseconds: WallClock.milliseconds())
        var printer = ListingPrinter(
            columns: Self.columns, format: form.format, calendar: calendar, terminal: form.terminal, now: now
        ) { try StandardStreams.output($0) }
        let reports = try FleetCheck(register, trusting: keys, memory: memory).run(only: site, now: { now }) { report in
            try printer.row(Self.row(report))
        }
        try printer.end(nothing: "no site has forwarded its journal here yet")
        // First what a signature rests on, then the signature.
        if var memory, let path {
            memory.take(reports, at: now)
            do { try memory.write(to: path) } catch { throw CommandError(.cannotCreate, "\(error)") }
        }
        if let signer { try register.keep(Cosigned.all(reports, by: signer, now: now)) }
        return reports
    }

    private func memory(_ path: String) throws -> SeenSites? {
        do { return try SeenSites(path) } catch { throw CommandError(.badInput, "\(error)") }
    }

    private static func row(_ report: SiteReport) -> [ListingValue] {
        [
            .text(report.site), .count(report.lines), .count(report.heads), .optional(report.newest?.checkpoint.size),
            .optional(report.newest?.received), .optional(report.seen?.size), .optional(report.seen?.at),
            .text(report.standing.rawValue),
            .optional(report.findings.isEmpty ? nil : report.findings.joined(separator: "; ")),
        ]
    }
}

extension PostgresConnection.Fault {
    /// What it means for whoever asked.
    fileprivate func commandError(_ schema: String) -> CommandError {
        switch state {
        case "42P01", "3F000", "42703":
            CommandError(
                .badInput,
                "there is no register of this version in the schema '\(schema)' (\(message)): the first site that forwards "
                    + "its journal there makes it")
        case "42501":
            CommandError(
                .notPermitted, "the register does not let this user do that: \(message)",
                detail: "reading needs USAGE on the schema and SELECT on its tables, --cosign also INSERT on witness")
        case let code where code.hasPrefix("28") || message.contains("authentication failed"):
            CommandError(.notPermitted, "the register does not let us in: \(message)")
        default: CommandError(.unreachable, "the register does not answer: \(message)")
        }
    }
}
