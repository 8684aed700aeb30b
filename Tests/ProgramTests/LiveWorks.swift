import Foundation
import Platform
import TestKit
import Testing

/// A daemon of this build in a directory of its own.
final class LiveWorks {
    let place: TemporaryFolder
    let configuration: String
    private(set) var daemon: RunningProgram?

    /// A configuration whose paths lie in the place; `links` and what follows is the plant, `api` more of that section, with
    /// `DIR` for the place.
    init(
        _ plant: String, timezone: String = "Europe/Stockholm", operators: [String] = [], api: String = ""
    ) throws {
        place = try TemporaryFolder()
        let more = api.isEmpty ? "" : ", " + api.replacingOccurrences(of: "DIR", with: place.path)
        let head = """
            site: {name: Works, timezone: \(timezone)}
            storage: {directory: "\(place.path)/state"}
            alerts:
              - {path: "\(place.path)/alerts.jsonl", format: json}
              - {path: "\(place.path)/alerts.log", format: text, minimum: warning}
            api: {socket: "\(place.path)/emsd.sock", operators: [\(operators.joined(separator: ", "))]\(more)}

            """
        configuration = try place.write("emsd.yaml", head + plant)
    }

    /// What the running daemon shows.
    var view: PlantView { .socket(place.file("emsd.sock")) }

    /// What its database shows while it does not run.
    var record: PlantView { .database(place.file("state")) }

    /// The lines of its alert file.
    var alerts: AlertLines { AlertLines(place.read("alerts.jsonl")) }

    /// Starts the daemon and waits until it answers.
    func start() throws {
        let started = try RunningProgram("emsd", ["run", "--config", configuration])
        daemon = started
        try eventually("an answer of the daemon") {
            guard started.isRunning else {
                throw Overdue(description: "emsd ended instead of running: \(started.end().errors)")
            }
            let answer = try? RawClient(socket: place.file("emsd.sock")).get("/v1/status")
            return answer?.hasPrefix("HTTP/1.1 200") == true
        }
    }

    /// Ends the daemon as a power cut would.
    func slay() { daemon?.slay() }

    /// Stops the daemon as systemd would: its exit code, what it said and how many seconds it took.
    func stop() throws -> (code: Int32, errors: String, seconds: Double) {
        let daemon = try #require(daemon)
        let begin = MonotonicMoment.now
        daemon.terminate()
        let end = daemon.end(within: 60)
        return (end.code, end.errors, begin.duration(to: .now) / .seconds(1))
    }

    /// Starts the simulator for this plant and waits until it serves.
    func simulate(_ scenario: String) throws -> RunningProgram {
        let path = try place.write("scenario.yaml", scenario)
        let emsim = try RunningProgram("emsim", ["--config", configuration, "--scenario", path])
        let said = emsim.lines(until: "ready")
        guard said.last == "ready" else {
            throw Overdue(description: "emsim did not get ready: \(said) \(emsim.end().errors)")
        }
        return emsim
    }

    /// Starts a server of `Tests/Foreign` and waits until it serves.
    static func foreign(_ server: String, _ arguments: String...) throws -> RunningProgram {
        let python = try #require(RunningProgram.python)
        let program = try RunningProgram(python, [RepositoryFile.ofTests("Foreign/\(server)")] + arguments)
        guard program.lines(until: "ready").last == "ready" else {
            throw Overdue(description: "\(server) did not get ready: \(program.end().errors)")
        }
        return program
    }

    /// The newest reading of each point.
    func newest() throws -> [String: PlantView.Row] {
        Dictionary(try view.rows("points").map { ($0["point"] ?? "", $0) }) { $1 }
    }
}
