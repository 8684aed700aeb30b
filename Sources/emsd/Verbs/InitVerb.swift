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
        discussion: "An empty answer takes what stands in brackets. Nothing is written over.")

    @Option(help: "The file to write.")
    var output = "emsd.yaml"

    @Option(help: "The last unit to look for; 0: none is looked for.")
    var units = 10

    func run() async throws {
        guard !FileManager.default.fileExists(atPath: output) else {
            throw CommandError(.cannotCreate, "\(output) is there already: name another file with --output")
        }
        let site = ask("What is the site called?", "My site")
        let zone = ask("In which time zone (IANA name)?", TimeZone.current.identifier)
        guard SiteCalendar(identifier: zone) != nil else {
            throw CommandError(
                .badInput, "'\(zone)' is no IANA time zone such as Europe/Stockholm: nothing was written")
        }
        let line = ask(
            "The line: a serial device such as /dev/ttyUSB0, or an address such as 10.0.0.7:502?", "127.0.0.1:502")
        var first = FirstConfiguration(site: site, timezone: zone, line: line, units: [])
        if line.hasPrefix("/") {
            first.baud = Int(ask("The rate in baud?", "19200")) ?? 19_200
            first.parity = ask("The parity (none, even or odd)?", "even")
        }
        if units > 0 { first.units = try look(along: line, first) }
        try OutputFile.write(first.text.utf8, to: output)
        let plural = first.units.count == 1 ? "meter" : "meters"
        StandardStreams.complain(
            "\(output) has \(first.units.count) \(plural); next: emsd check --config \(output) --connect")
    }

    /// The answer to a question on standard error, or what stands in brackets.
    private func ask(_ question: String, _ usual: String) -> String {
        FileHandle.standardError.write(Data("\(question) [\(usual)] ".utf8))
        let answer = (readLine() ?? "").trimmingCharacters(in: .whitespaces)
        return answer.isEmpty ? usual : answer
    }

    private func look(along line: String, _ first: FirstConfiguration) throws -> [FirstConfiguration.Unit] {
        let isSerial = line.hasPrefix("/")
        let settings = LineCommissioning.LineSettings(
            baud: isSerial ? first.baud : nil, parity: isSerial ? first.parity : nil, timeout: 500)
        let address = isSerial || line.contains(":") ? line : line + ":502"
        let commissioning = try LineCommissioning(direct: address, settings, warn: StandardStreams.complain)
        let profiles = BuiltInProfiles.titles
        var found: [FirstConfiguration.Unit] = []
        let progress = ProgressLine("scan")
        let last = min(max(units, 1), 247)
        for number in 1...last {
            progress.show(
                number - 1, "units asked", share: Double(number - 1) / Double(last),
                "now unit \(number) of 1 to \(last), \(found.count) found")
            guard let unit = try commissioning.look(at: UInt8(number)) else { continue }
            let said = unit.says
            found.append(
                FirstConfiguration.Unit(
                    number: number, title: said.isEmpty ? "Unit \(number)" : said,
                    profile: FirstConfiguration.profile(for: said, among: profiles)))
        }
        progress.clear()
        return found
    }
}
