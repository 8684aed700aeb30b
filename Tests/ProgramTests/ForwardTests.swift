import Foundation
import Testing

@Suite("forwarding to real servers", .serialized)
struct ForwardTests {
    /// All but one over TLS; `make soak` does the same without, with 200 kills.
    @Test(
        "what a target has is what was recorded, whoever is killed",
        arguments: ["postgresql", "influx", "victoria", "sparkplug"])
    func rowByRow(target: String) throws {
        let run = try RunningProgram(
            "/usr/bin/env",
            [
                "python3", RepositoryFile.ofTests("Forward/forward.py"), RunningProgram.directory, "--target", target,
                "--kills", "3",
            ] + (target == "victoria" ? [] : ["--tls"]), environment: ["SWIFT_BACKTRACE": "enable=no"])
        let end = run.end(within: 400)
        if end.code == 77 {
            print("not tried: \(end.output)")
            return
        }
        #expect(end.code == 0, "\(end.output)\(end.errors)")
        #expect(end.output.contains("readings: "))
    }

    @Test("head office names a site that goes back, and every change of what it was sent")
    func headOffice() throws {
        let run = try RunningProgram(
            "/usr/bin/env", ["python3", RepositoryFile.ofTests("Forward/fleet.py"), RunningProgram.directory],
            environment: ["SWIFT_BACKTRACE": "enable=no"])
        let end = run.end(within: 400)
        if end.code == 77 {
            print("not tried: \(end.output)")
            return
        }
        #expect(end.code == 0, "\(end.output)\(end.errors)")
        #expect(end.output.contains("an old copy: alarm"))
    }
}
