import ArgumentParser
import Commissioning
import Foundation
import Listings
import Metering
import PlantAPI
import PlantConfiguration
import Programs

/// `emsd init`
struct InitVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Asks a few questions, looks for meters on a line, and writes a first configuration with comments.",
        discussion: """
            An empty answer takes what stands in brackets. Nothing is written over. Ctrl-C, and a line that cannot be \
            asked, end the search: the file is written with what was answered and found until then.
            """)

    @Option(help: "The file to write.")
    var output = "emsd.yaml"

    @Option(help: "The last unit to look for; 0: none is looked for.")
    var units = 10

    func run() async throws {
        guard !FileManager.default.fileExists(atPath: output) else {
            throw CommandError(.cannotCreate, "\(output) is there already: name another file with --output")
        }
        var first = try answers()
        var trouble: (any Error)?
        if units > 0 {
            do { try look(into: &first) } catch { trouble = error }
        }
        // What was answered and found is not lost with the line.
        try OutputFile.write(first.text.utf8, to: output)
        let plural = first.units.count == 1 ? "meter" : "meters"
        StandardStreams.complain(
            "\(output) has \(first.units.count) \(plural); next: emsd check --config \(output) --connect")
        if let trouble { throw trouble }
    }

    private func answers() throws -> FirstConfiguration {
        let site = try ask("What is the site called?", "My site")
        let zone = try ask("In which time zone (IANA name)?", TimeZone.current.identifier) {
            SiteCalendar(identifier: $0) == nil ? "'\($0)' is no IANA time zone such as Europe/Stockholm" : nil
        }
        let line = try ask(
            "The line: a serial device such as /dev/ttyUSB0, or an address such as 10.0.0.7:502?", "127.0.0.1:502")
        var first = FirstConfiguration(site: site, timezone: zone, line: line, units: [])
        guard line.hasPrefix("/") else { return first }
        let baud = try ask("The rate in baud?", "19200") {
            (Int($0) ?? 0) > 0 ? nil : "'\($0)' is no rate such as 9600"
        }
        first.baud = Int(baud) ?? first.baud
        first.parity = try ask("The parity (none, even or odd)?", "even") {
            ["none", "even", "odd"].contains($0) ? nil : "'\($0)' is no parity: none, even or odd"
        }
        return first
    }

    /// The answer to a question on standard error, or what stands in brackets. Where it cannot be meant a person is asked
    /// again; from a file or a pipe the next line answers the next question, so there it is the end.
    private func ask(
        _ question: String, _ usual: String, _ fault: (String) -> String? = { _ in nil }
    ) throws -> String {
        while true {
            FileHandle.standardError.write(Data("\(question) [\(usual)] ".utf8))
            let said = readLine()
            let answer = (said ?? "").trimmingCharacters(in: .whitespaces)
            let meant = answer.isEmpty ? usual : answer
            guard let refused = fault(meant) else { return meant }
            guard said != nil, isatty(STDIN_FILENO) == 1 else {
                throw CommandError(.badInput, "\(refused): nothing was written")
            }
            StandardStreams.complain("emsd: \(refused)")
        }
    }

    /// Looks for units one after the other; those that were found are there also where it ends early.
    private func look(into first: inout FirstConfiguration) throws {
        Interrupt.watch()
        let line = first.line
        let isSerial = line.hasPrefix("/")
        let settings = LineCommissioning.LineSettings(
            baud: isSerial ? first.baud : nil, parity: isSerial ? first.parity : nil, timeout: 500)
        let address = isSerial || line.contains(":") ? line : line + ":502"
        let commissioning = try LineCommissioning(direct: address, settings, warn: StandardStreams.complain)
        let profiles = BuiltInProfiles.titles
        let progress = ProgressLine("scan")
        defer { progress.clear() }
        let last = min(max(units, 1), 247)
        for number in 1...last {
            progress.show(
                number - 1, "units asked", share: Double(number - 1) / Double(last),
                "now unit \(number) of 1 to \(last), \(first.units.count) found")
            if let unit = try commissioning.look(at: UInt8(number)) {
                let said = unit.says
                first.units.append(
                    FirstConfiguration.Unit(
                        number: number, title: said.isEmpty ? "Unit \(number)" : said,
                        profile: FirstConfiguration.profile(for: said, among: profiles)))
            }
            guard Interrupt.isRaised, number < last else { continue }
            progress.clear()
            StandardStreams.complain("emsd: interrupted: units \(number + 1) to \(last) were not asked")
            throw ExitCode(130)
        }
    }
}
