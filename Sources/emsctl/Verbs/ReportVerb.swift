import ArgumentParser
import Foundation
import Listings
import PlantAPI
import Programs
import Reports

extension ReportRequest.Form: ExpressibleByArgument {}

/// `emsctl report`
struct ReportVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "The report for the management review and the auditor, or an authority's form, as one HTML file.",
        discussion:
            "The file needs nothing else: no network, no script; it prints on A4. The same record makes the same bytes, and "
            + "where a daemon makes it for an operator, the journal has the file's SHA-256 (emsctl journal --type report.made)."
    )

    @Option(parsing: .unconditional, help: "The first day, e.g. 2026-01-01 (local midnight).")
    var from: String

    @Option(parsing: .unconditional, help: "The last day, which is included, e.g. 2026-12-31.")
    var to: String

    @Option(help: "The file to write, e.g. report.html.")
    var output: String

    @Option(help: "An authority's form instead: us-60.7d, de-classes or ied-waste.")
    var form: ReportRequest.Form?

    @Flag(help: "Also prints it to a PDF beside the file, with Chromium.")
    var pdf = false

    @OptionGroup var plant: PlantOptions

    func run() async throws {
        let request = ReportRequest(from: from, to: to, form: form)
        if pdf { _ = try PrintedPage.program() }
        let progress = ProgressLine("report")
        progress.show("making the report from \(from) to \(to)")
        defer { progress.clear() }
        let bytes = try await made(request)
        try OutputFile.write(bytes, to: output)
        if pdf { try PrintedPage.print(output) }
    }

    /// The report, noted in the journal where who asks may have it noted.
    private func made(_ request: ReportRequest) async throws -> [UInt8] {
        if let database = plant.database { return try ReportFile.bytes(request, PlantRecord(directory: database)) }
        let daemon = try plant.daemon(for: "report")
        var bytes: [UInt8] = []
        do {
            _ = try await daemon.post("/v1/report", JSONEncoder().encode(request)) { bytes += $0 }
        } catch let refusal as CommandError where refusal.status == .notPermitted {
            func escaped(_ text: String) -> String {
                text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
            }
            let form = request.form.map { "&form=\($0.rawValue)" } ?? ""
            _ = try await daemon.get("/v1/report?from=\(escaped(request.from))&to=\(escaped(request.to))\(form)") {
                bytes += $0
            }
            StandardStreams.complain(
                "emsctl: the report's digest is not in the journal, for you are no operator of this site")
        }
        return bytes
    }
}

/// A page that Chromium prints.
enum PrintedPage {
    /// Where Chromium is; throws a ``CommandError`` (73) where it is not installed.
    static func program() throws -> String {
        for name in ["chromium", "chromium-browser", "google-chrome", "chrome"] {
            if let path = PictureFile.program(name) { return path }
        }
        throw CommandError(.cannotCreate, "--pdf needs Chromium, which is not installed: install the package chromium")
    }

    /// Prints an HTML file to a PDF beside it.
    static func print(_ path: String) throws {
        let url = URL(fileURLWithPath: path).standardizedFileURL
        let target = url.deletingPathExtension().appendingPathExtension("pdf")
        let printing = Process()
        printing.executableURL = URL(fileURLWithPath: try program())
        let profile = NSTemporaryDirectory() + "/emsctl-print-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: profile) }
        // The page has no script and loads nothing; root may not use the browser's own sandbox.
        printing.arguments =
            ["--headless", "--disable-gpu", "--no-pdf-header-footer", "--user-data-dir=\(profile)"]
            + (geteuid() == 0 ? ["--no-sandbox"] : []) + ["--print-to-pdf=\(target.path)", url.absoluteString]
        (printing.standardOutput, printing.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        do { try printing.run() } catch {
            throw CommandError(.cannotCreate, "Chromium cannot be started: \(error.localizedDescription)")
        }
        printing.waitUntilExit()
        guard printing.terminationStatus == 0, FileManager.default.fileExists(atPath: target.path) else {
            throw CommandError(
                .cannotCreate, "Chromium did not write \(target.path): the HTML file is whole, print it by hand")
        }
    }
}
