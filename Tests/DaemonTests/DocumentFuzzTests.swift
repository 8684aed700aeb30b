import Foundation
import Metering
import TestKit
import Testing

@testable import Daemon

@Suite("Documents and headers that nobody should send")
struct DocumentFuzzTests {

    @Test("documents of steps, exchanges, scans and probes are taken or refused as bad input")
    func documents() async throws {
        let daemon = try DaemonOnSocket()
        let good = [
            #"{"text":"x","category":"equipment","action":1,"due":"2026-12-01","evidence":["a"],"noAction":true}"#,
            #"{"time":"2026-01-01T10:00:00Z","closing":1e3,"opening":-2,"reason":"x"}"#,
            #"{"from":1,"to":20}"#, #"{"unit":7,"register":"input 1000","count":10,"all":false}"#,
        ]
        try await daemon.run {
            for round in 0..<Rubbish.rounds / 3 {
                var rubbish = Rubbish(round: round)
                let body = String(decoding: rubbish.bytes(like: good), as: UTF8.self)
                for path in [
                    "/v1/nonconformities/NC-2026-0001/action", "/v1/meters/m.e/exchange", "/v1/links/x/scan",
                    "/v1/links/x/probe",
                ] {
                    let answer = try await daemon.ask("POST", path, body)
                    #expect([200, 400, 404, 409, 413, 422].contains(answer.status), "\(round) \(path) \(answer)")
                }
            }
        }
    }

    @Test("a header that says what is accepted is understood, whatever it says")
    func acceptedForms() {
        let good = ["application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=1"]
        for round in 0..<Rubbish.rounds {
            var rubbish = Rubbish(round: round)
            _ = MetricsFormat(accepting: rubbish.text(like: good))
        }
    }
}
