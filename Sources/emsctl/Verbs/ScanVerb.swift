import ArgumentParser
import Commissioning
import Foundation
import Listings
import Metering
import PlantAPI
import Programs

/// `emsctl scan LINK`
struct ScanVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan", abstract: "Finds the units on a link, and what they say they are; it only reads.",
        discussion: "Ctrl-C ends it with what was found until then, and status 130.")

    @OptionGroup var line: LineOptions

    @Option(help: "The first unit to look for.")
    var from = 1

    @Option(help: "The last one.")
    var to = 247

    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    /// One unit after the other, whoever asks, so that there is something to show meanwhile and at an early end.
    func run() async throws {
        let request = ScanRequest(from: from, to: to)
        let units = try request.units()
        let direct = line.isDirect ? try line.open() : nil
        guard let calendar = SiteCalendar(identifier: "UTC") else {
            throw CommandError(.inputOutput, "this machine does not know the zone UTC: install the package tzdata")
        }
        var found: [ScannedUnit] = []
        func show(_ nothing: String) throws {
            var printer = ListingPrinter(
                columns: ScannedUnit.columns, format: form.format, calendar: calendar, terminal: form.terminal
            ) { try StandardStreams.output($0) }
            for unit in found { try printer.row(unit.fields) }
            try printer.end(nothing: nothing)
        }
        let progress = ProgressLine("scan")
        func isEnded(before unit: UInt8) throws -> Bool {
            guard Interrupt.isRaised, unit <= units.upperBound else { return false }
            progress.clear()
            let rest = "units \(unit) to \(units.upperBound) were not asked"
            try show(
                unit == units.lowerBound
                    ? "nothing was found: \(rest)"
                    : "no unit from \(units.lowerBound) to \(unit - 1) answers on \(line.link)")
            StandardStreams.complain("emsctl: interrupted: \(rest)")
            return true
        }
        Interrupt.watch()
        for unit in units {
            let asked = Int(unit - units.lowerBound)
            progress.show(
                asked, "units asked", share: Double(asked) / Double(units.count),
                "now unit \(unit) of \(units.lowerBound) to \(units.upperBound), \(found.count) found")
            do {
                if let direct {
                    if let there = try direct.look(at: unit) { found.append(there) }
                } else if let there = try await ask(unit) {
                    found += there
                } else if try isEnded(before: unit) {
                    throw ExitCode(130)
                }
            } catch let end as ExitCode {
                throw end
            } catch {
                progress.clear()
                // What was found before the line went away is not lost with it.
                if !found.isEmpty { try show("") }
                throw error
            }
            if try unit < units.upperBound && isEnded(before: unit + 1) { throw ExitCode(130) }
        }
        progress.clear()
        try show(request.nothing(on: line.link))
    }

    /// Lets the daemon ask one unit; nil where somebody wants an end before it has: a silent line is waited for long.
    private func ask(_ unit: UInt8) async throws -> [ScannedUnit]? {
        let body = try JSONEncoder().encode(ScanRequest(from: Int(unit), to: Int(unit)))
        let (daemon, target) = (try plant.daemon(for: "scan"), "/v1/links/\(line.escaped)/scan")
        return try await withThrowingTaskGroup(of: [ScannedUnit]?.self) { group in
            group.addTask {
                var answer: [UInt8] = []
                _ = try await daemon.post(target, body) { answer += $0 }
                return try JSONDecoder().decode([ScannedUnit].self, from: Data(answer))
            }
            group.addTask {
                while !Interrupt.isRaised { try await Task.sleep(for: .milliseconds(100)) }
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
