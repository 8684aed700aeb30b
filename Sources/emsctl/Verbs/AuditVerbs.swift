import ArgumentParser
import Evidence
import Foundation
import Metering
import PlantAPI
import Platform
import Programs
import RecordKeeping
import Recording
import SignedNotes
import Storage
import Verification

/// `emsctl audit`
struct AuditVerbs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Signs the journal's head, proves its lines, and checks the record against both.",
        subcommands: [
            AuditInitVerb.self, AuditHeadVerb.self, AuditProveVerb.self, AuditVerifyVerb.self, AuditWitnessVerbs.self,
        ])
}

/// `emsctl audit init`
struct AuditInitVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Makes the key that signs the journal's heads, and prints what verifies them.",
        discussion: """
            The key stays on this machine; its file is for root and the service only. Write the fingerprint into the \
            minutes of the first audit: who has it can check every later head.
            """)

    @Option(help: "Whose journal it is, without blanks and plus, such as plant.example/emsd (default: HOSTNAME/emsd).")
    var name: String?

    @Option(
        help:
            "The key's file: /etc/emsd/audit.key for the service, audit.key in the state directory where there is no unit."
    )
    var key = "/etc/emsd/" + KeyFile.name

    @Flag(help: "Puts a new key beside the present one: both sign until the old line is taken out of the file.")
    var rotate = false

    func run() async throws {
        let file = try AuditVerbs.sayingWhy {
            guard rotate else {
                return try KeyFile.make(key, name: name ?? ProcessInfo.processInfo.hostName + "/emsd")
            }
            guard let present = try KeyFile.read(key) else {
                throw AuditFault("there is no key in \(key) to be replaced")
            }
            return try present.rotated()
        }
        let verifier = file.current.verifier
        try StandardStreams.output(
            Array(
                """
                verifier key  \(verifier.text)
                fingerprint   \(verifier.fingerprint)
                key           \(file.path)
                next          systemctl restart emsd, where its unit hands the key over; then emsctl audit head

                """.utf8))
    }
}

/// `emsctl audit head`
struct AuditHeadVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "head",
        abstract: "Signs the journal as it is now; keep the head elsewhere: nothing under it can be changed unnoticed.")

    @Option(help: "Writes it into this file, for a mail, a print or a head office.")
    var output: String?

    @OptionGroup var plant: PlantOptions

    func run() async throws {
        var note: [UInt8] = []
        if let database = plant.database {
            note = try AuditVerbs.sayingWhy { Array(try LineProof.newestHead(in: AuditVerbs.store(database)).utf8) }
        } else {
            _ = try await plant.daemon(for: "audit head").post("/v1/audit/head") { note += $0 }
        }
        try AuditVerbs.give(note, output)
    }
}

/// `emsctl audit prove`
struct AuditProveVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Writes what proves one line of the journal under the newest head (a .tlog-proof file).")

    @Argument(help: "The line's seq, as 'emsctl journal' shows it.")
    var line: Int

    @Option(help: "Writes it into this file.")
    var output: String?

    @OptionGroup var plant: PlantOptions

    func run() async throws {
        var proof: [UInt8] = []
        if let database = plant.database {
            proof = try AuditVerbs.sayingWhy {
                Array(try LineProof.text(of: line, in: AuditVerbs.store(database)).utf8)
            }
        } else {
            _ = try await plant.daemon(for: "audit prove").get("/v1/audit/proof/\(line)") { proof += $0 }
        }
        try AuditVerbs.give(proof, output)
    }
}

/// `emsctl audit verify`
struct AuditVerifyVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract:
            "Checks chain, heads and seals, and makes every value and verdict once more from the readings; 1 where any differs.",
        discussion: """
            Everything is computed again from the stored readings by the configurations of their time, in a scratch \
            database in $TMPDIR, and each row on record is held against it. The first difference is named, with what is \
            stored and what was recomputed. Ctrl-C ends it with what was found. With -v it also names the places of the \
            database that hold no record.

            Without --vkey the keys that the journal itself names are taken: that finds every change, but not a journal that \
            the owner of the machine built anew with another key. With --vkey, or with --since a head that was kept \
            elsewhere, that is found too.
            """)

    @Option(help: "A verifier key, as 'emsctl audit init' printed it; may be repeated.")
    var vkey: [String] = []

    @Option(help: "A file with a head that was kept: the journal must go on from it.")
    var since: String?

    @Option(
        parsing: .unconditional,
        help: "Recomputes only what ends after this: 2026-11-01T06:00:00Z, 2026-11-01 (local midnight), -24h, today.")
    var from: String?

    @Option(parsing: .unconditional, help: "Recomputes only what ends by then; written like --from.")
    var to: String?

    @Option(help: "Checks a bundle of evidence (a directory, .zip or .tar) instead, without daemon and database.")
    var bundle: String?

    @OptionGroup var plant: PlantOptions

    func run() async throws {
        let head = try since.map { path in
            guard let data = FileManager.default.contents(atPath: path) else {
                throw CommandError(.inputOutput, "\(path) cannot be read")
            }
            return String(decoding: data, as: UTF8.self)
        }
        if let head, SignedNote(text: head) == nil {
            throw CommandError(.badInput, "\(since ?? "") holds no signed head")
        }
        let keys = try vkey.map { text in
            guard let key = VerifierKey(text: text) else {
                throw CommandError(.badInput, "'\(text)' is no verifier key")
            }
            return key
        }
        if let bundle {
            let report = try AuditVerbs.sayingWhy {
                try BundleCheck(BundleCheck.files(at: bundle), trusting: keys).run()
            }
            try StandardStreams.output(Array(report.text.utf8))
            if !report.holds { throw ExitCode(ExitStatus.notInOrder.rawValue) }
            return
        }
        Interrupt.watch()
        if let database = plant.database {
            return try verify(offline: database, keys, head.flatMap { SignedNote(text: $0) })
        }
        var items = (head.map { [("since", $0)] } ?? []) + vkey.map { ("vkey", $0) }
        items += (from.map { [("from", $0)] } ?? []) + (to.map { [("to", $0)] } ?? [])
        if plant.verbose { items.append(("verbose", "1")) }
        let query = items.map { "\($0.0)=\(AuditVerbs.escaped($0.1))" }.joined(separator: "&")
        let target = "/v1/audit/verify" + (query.isEmpty ? "" : "?" + query)
        var answer = VerificationAnswer()
        _ = try await plant.daemon(for: "audit verify").get(target) { try answer.take($0) }
        try answer.end()
    }

    private func verify(offline directory: String, _ keys: [VerifierKey], _ head: SignedNote?) throws {
        let store = try AuditVerbs.store(directory)
        let summary = try store.read { try PlantSummary(from: $0, path: store.path) }
        func bound(_ text: String?, _ option: String) throws -> Instant? {
            guard let text else { return nil }
            guard let calendar = SiteCalendar(identifier: summary.timezone) else {
                throw CommandError(.inputOutput, "this machine does not know the zone \(summary.timezone)")
            }
            let now = Instant(milliseconds: WallClock.milliseconds())
            return try TimeBound.instant(text, option: option, now: now, calendar: calendar)
        }
        let (from, to) = (try bound(from, "--from"), try bound(to, "--to"))
        let part = from == nil && to == nil ? nil : Window(start: from ?? .distantPast, end: to ?? .distantFuture)
        let line = ProgressLine("verify")
        let report = try AuditVerbs.sayingWhy {
            try RecordVerification(store, trusting: keys, since: head, part: part).run {
                Interrupt.isRaised
            } progress: {
                line.show($0)
            }
        }
        line.clear()
        try StandardStreams.output(Array(report.text(isDetailed: plant.verbose).utf8))
        if !report.holds { throw ExitCode(ExitStatus.notInOrder.rawValue) }
    }
}

extension AuditVerbs {
    fileprivate static func store(_ directory: String) throws -> PlantStore {
        try PlantStore(directory: directory, access: .readOnly)
    }

    fileprivate static func give(_ bytes: [UInt8], _ path: String?) throws {
        guard let path else { return try StandardStreams.output(bytes) }
        try OutputFile.write(bytes, to: path)
    }

    fileprivate static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
    }

    static func sayingWhy<T>(_ work: () throws -> T) throws -> T {
        do { return try work() } catch let fault as AuditFault { throw CommandError(.badInput, fault.message) }
    }
}
