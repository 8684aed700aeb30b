import Foundation
import TestKit
import Testing

/// The metrics as Prometheus takes them: its package has to be there (`apt-get install prometheus`).
@Suite(
    "metrics and Prometheus", .serialized, .enabled(if: Prometheus.isThere, "the package prometheus is not installed"))
struct ScrapeTests {
    private static func works(_ port: Int, metrics: Int) throws -> LiveWorks {
        try LiveWorks(
            """
            metrics: {listen: "127.0.0.1:\(metrics)"}
            links:
              l: {transport: tcp, host: 127.0.0.1, port: \(port), timeout: 200ms}
            meters:
              m:
                link: l
                unit: 1
                interval: 200ms
                points:
                  p: {register: holding 0, type: float32, unit: "m³/h \\"wet\\"", kind: gauge}
                  e: {register: holding 2, type: uint32, unit: kWh, kind: counter, max_rate: 1000}
              lost: {link: l, unit: 2, interval: 200ms, points: {p: {register: holding 0, type: uint16, kind: gauge}}}
            indicators:
              mean: {window: 1s, formula: mean(m.p), grace: 200ms}
            objectives:
              low: {indicator: mean, max: 1}

            """)
    }

    @Test("pass promtool, and a scrape takes every sample in either form")
    func scrape() throws {
        let ports = try FreePort.some(3)
        let works = try Self.works(ports[0], metrics: ports[1])
        let emsim = try works.simulate("signals: {m.p: 5}\nfaults: [{meter: lost, fault: silent, from: 0s}]\n")
        try works.start()
        try eventually("all families") {
            let text = try RawClient(port: ports[1]).get("/metrics")
            return ["emsd_meter_errors_total{", "emsd_indicator_value{", "emsd_meter_slow_round_trip_seconds{"]
                .allSatisfy(text.contains)
        }
        let text = try RawClient(port: ports[1]).get("/metrics")
        #expect(text.contains("text/plain; version=0.0.4"))
        try works.place.write("metrics", String(text[(text.range(of: "\r\n\r\n")?.upperBound ?? text.startIndex)...]))
        let check = try RunningProgram("/bin/sh", ["-c", "promtool check metrics < \(works.place.file("metrics"))"])
            .end()
        #expect(check.code == 0 && check.output == "" && check.errors == "", "\(check)")

        try works.place.write(
            "prometheus.yml",
            """
            global: {scrape_interval: 1s}
            scrape_configs: [{job_name: emsd, static_configs: [{targets: ["127.0.0.1:\(ports[1])"]}]}]
            """)
        let prometheus = try RunningProgram(
            "/usr/bin/prometheus",
            [
                "--config.file", works.place.file("prometheus.yml"), "--storage.tsdb.path", works.place.file("tsdb"),
                "--web.listen-address", "127.0.0.1:\(ports[2])",
            ])
        func ask(_ target: String) -> String { (try? RawClient(port: ports[2]))?.get(target) ?? "" }
        try eventually("a good scrape") { ask("/api/v1/targets").contains("\"health\":\"up\"") }
        #expect(!ask("/api/v1/targets").contains("\"health\":\"down\""))
        try eventually("the samples") { ask("/api/v1/query?query=emsd_point_value").contains("\"5\"") }
        // Only OpenMetrics names the family of a counter without _total.
        #expect(ask("/api/v1/metadata?metric=emsd_meter_polls").contains("\"type\":\"counter\""))
        #expect(ask("/api/v1/query?query=emsd_meter_polls_total").contains("\"meter\":\"lost\""))
        prometheus.slay()
        emsim.slay()
        #expect(try works.stop().code == 0)
    }
}

/// The programs of the package prometheus.
private enum Prometheus {
    static var isThere: Bool {
        ["promtool", "prometheus"].allSatisfy { FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)") }
    }
}
