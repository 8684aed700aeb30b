import ArgumentParser
import Foundation
import Metering
import Programs
import RecordKeeping
import Recording

/// `emsctl salvage DIR|FILE --output DIR`
struct SalvageVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "salvage",
        abstract: "Reads what can be read of a damaged database into a new one, and says what is lost.",
        discussion: "Nothing is changed in the damaged file. Exit status 1: something is lost.")

    @Argument(help: "The damaged file (e.g. emsd.db.damaged-1), or the directory of a database.")
    var source: String

    @Option(help: "The directory of the new database; made where it is missing.")
    var output: String

    @Flag(name: .shortAndLong, help: "Adds detail to errors.")
    var verbose = false

    func run() throws {
        let progress = ProgressLine("salvage")
        progress.show("reading what can be read of \(source)")
        defer { progress.clear() }
        let report = try SalvageRun.run(source, output: output)
        progress.clear()
        try StandardStreams.output(lines: report.lines().map { ShownText($0) })
        if !report.isWhole { throw ExitCode(1) }
    }
}
