import NIOCore
import Testing

@testable import Daemon

@Suite("Metrics")
struct MetricsTests {
    @Test(
        "come in the form that is asked for",
        arguments: [
            (nil, .text), ("", .text), ("*/*", .text), ("text/plain", .text), ("text/html", .text),
            ("application/openmetrics-text", .openMetrics),
            ("application/openmetrics-text; version=1.0.0; charset=utf-8", .openMetrics),
            ("application/openmetrics-text;version=2.0.0", .text), ("application/openmetrics-text;q=0", .text),
            ("application/openmetrics-text;q=0.3,text/plain;q=0.5", .text),
            ("text/plain;version=0.0.4;q=0.3, Application/OpenMetrics-Text;version=1.0.0;q=0.5", .openMetrics),
            (
                "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
                    + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", .openMetrics
            ),
            (",;;=,q=,", .text),
        ] as [(String?, MetricsFormat)])
    func format(accept: String?, format: MetricsFormat) { #expect(MetricsFormat(accepting: accept) == format) }

    private func lines(_ format: MetricsFormat) -> String {
        var lines = MetricsLines(format)
        lines.family("emsd_polls", .counter, "Polls of \"it\" \\ all.")
        lines.sample(["meter": "a\"b\\c\nd\re"], 3)
        lines.family("emsd_value", .gauge, "A value.")
        lines.sample([:], -0.5)
        return lines.pieces.map { String(buffer: $0) }.joined()
    }

    @Test("of a counter have _total: the sample always, the family in the older text only")
    func text() {
        #expect(
            lines(.text) == #"""
                # HELP emsd_polls_total Polls of "it" \\ all.
                # TYPE emsd_polls_total counter
                emsd_polls_total{meter="a\"b\\c\nd e"} 3
                # HELP emsd_value A value.
                # TYPE emsd_value gauge
                emsd_value -0.5

                """#)
        #expect(
            lines(.openMetrics) == #"""
                # HELP emsd_polls Polls of \"it\" \\ all.
                # TYPE emsd_polls counter
                emsd_polls_total{meter="a\"b\\c\nd e"} 3
                # HELP emsd_value A value.
                # TYPE emsd_value gauge
                emsd_value -0.5
                # EOF

                """#)
    }
}
