import Foundation
import Testing

/// A meter that was lost stays so over restarts of `emsd`.
@Suite("a lost meter")
struct LostMeterTests {
    @Test("is said to be lost once, over a kill and a restart, and to be back although it came back meanwhile")
    func restart() throws {
        let works = try LiveWorks(
            """
            links:
              hall: {transport: tcp, host: 127.0.0.1, port: \(try FreePort.some(1)[0]), timeout: 200ms}
            meters:
              near: {link: hall, unit: 1, interval: 500ms, points: {p: {register: input 0, type: float32, kind: gauge}}}
              far: {link: hall, unit: 2, interval: 500ms, points: {p: {register: input 0, type: float32, kind: gauge}}}

            """)
        let broken = try works.simulate(
            """
            signals: {near.p: {constant: 1}, far.p: {constant: 2}}
            faults:
              - {meter: far, fault: silent, from: 0s, for: 1h}

            """)
        try works.start()
        try eventually("the alert of the lost meter") { works.alerts.events.contains("meter_lost") }
        works.slay()
        try works.start()
        let begin = try #require(works.view.document("status")["running_since"] as? String)
        let first = try #require(LiveKillTests.milliseconds(begin))
        // As long as it takes to find a meter lost.
        try eventually("bad readings of twelve seconds of the new run") {
            let newest = try works.newest()["far.p"]
            return newest?["quality"] == "bad"
                && (LiveKillTests.milliseconds(newest?["time"] ?? "") ?? 0) >= first + 12_000
        }
        broken.terminate()
        _ = broken.end()
        #expect(try works.stop().code == 0)
        let mended = try works.simulate("signals: {near.p: {constant: 1}, far.p: {constant: 2}}\n")
        try works.start()
        try eventually("the alert of the meter that is back") { works.alerts.events.contains("meter_back") }
        #expect(try works.stop().code == 0)
        mended.terminate()
        #expect(works.alerts.events.count { $0 == "meter_lost" } == 1)
        #expect(works.alerts.events.count { $0 == "meter_back" } == 1)
    }
}
