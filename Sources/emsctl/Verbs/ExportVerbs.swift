import ArgumentParser
import Evidence
import Foundation
import Metering
import PlantAPI
import Platform
import Programs
import RecordKeeping
import Recording
import Storage
import Verification

/// `emsctl export`
struct ExportVerbs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes parts of the record for others.",
        subcommands: [ExportEvidenceVerb.self])
}

/// `emsctl export evidence`
struct ExportEvidenceVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence",
        abstract: "Writes all that somebody needs who trusts nobody: readings, rules, results, and what proves them.",
        discussion: """
            Readings that no line of the journal seals yet are sealed first, and a head is signed over them (needs the \
            daemon and the site's key). The same record gives the same bytes. In the bundle, README.txt says what it is, and \
            'sh verify.sh FINGERPRINT' checks it with openssl and sha256sum alone.
            """)

    @Option(help: "The nonconformity that is to be proven.")
    var nc: String?

    @Option(parsing: .unconditional, help: "Windows from then on: 2026-11-01T06:00:00Z, 2026-11-01 (local midnight).")
    var from: String?

    @Option(parsing: .unconditional, help: "Windows up to then.")
    var to: String?

    @Option(help: "Only this indicator, and what it is computed from; may be repeated.")
    var indicator: [String] = []

    @Option(help: "A new directory, or a file that ends in .zip or .tar.")
    var output: String

    @Option(help: "A file that somebody named as evidence in a step: it goes with the bundle; may be repeated.")
    var attachment: [String] = []

    @OptionGroup var plant: PlantOptions

    func run() async throws {
        let order = EvidenceOrder(nonconformity: nc, from: from, to: to, indicators: indicator)
        if let database = plant.database { return try export(order, offline: database) }
        let document = try JSONEncoder().encode(order)
        var stream = TarStream()
        var attachments = try attachments()
        let output = try AuditVerbs.sayingWhy { try BundleOutput(self.output) }
        _ = try await plant.daemon(for: "export evidence").post("/v1/evidence", document) { piece in
            try AuditVerbs.sayingWhy { try stream.take(piece) { try attachments.put($0, $1, into: output) } }
        }
        guard stream.isWhole else {
            throw CommandError(.unreachable, "the bundle came in part only, nothing was kept: try again")
        }
        try AuditVerbs.sayingWhy { try output.finish() }
    }

    private func attachments() throws -> BundleAttachments {
        BundleAttachments(
            try attachment.map { path in
                guard let data = FileManager.default.contents(atPath: path) else {
                    throw CommandError(.inputOutput, "the attachment \(path) cannot be read: check its name and mode")
                }
                return (path, Array(data))
            })
    }

    private func export(_ order: EvidenceOrder, offline directory: String) throws {
        try AuditVerbs.sayingWhy {
            let store = try PlantStore(directory: directory, access: .readOnly)
            let summary = try store.read { try PlantSummary(from: $0, path: store.path) }
            guard let calendar = SiteCalendar(identifier: summary.timezone) else {
                throw AuditFault("this machine does not know the zone \(summary.timezone)")
            }
            let now = Instant(milliseconds: WallClock.milliseconds())
            let bundle = try EvidenceBundle(store, try BundleRequest(order, now: now, calendar: calendar))
            for open in try bundle.unsealed() {
                StandardStreams.complain(
                    "emsctl: readings from \(open.stretch.start.text) to \(open.stretch.end.text) are not sealed and not in "
                        + "the bundle: export them with the daemon (without --database)")
            }
            let output = try BundleOutput(self.output)
            var attachments = try attachments()
            try bundle.make { try attachments.put($0, $1, into: output) }
            try output.finish()
        }
    }
}
