import Indicators
import Metering
import Testing

@Suite("Formulas that change at a date")
struct DatedFormulaTests {
    @Test("a window belongs whole to the formula in force at its start, and waits for that one's points only")
    func windows() throws {
        var bench = try Bench(zone: "UTC")
        bench.gauge("a.p", gap: "1h")
        bench.gauge("b.p", gap: "1h")
        try bench.indicator("old", "1h", "mean(a.p)")
        try bench.indicator("new", "1h", "mean(b.p) * 10")
        let change = try #require(Instant("2026-01-01T12:30:00Z"))
        bench.indicators[0].later = [
            DatedFormula(from: change, formula: bench.indicators[1].formula, text: "mean(b.p) * 10")
        ]
        let base = try #require(Instant("2026-01-01T10:00:00Z"))
        // The old meter is gone soon after the change: nobody waits for it.
        let readings = try (0...12).flatMap { quarter in
            let time = (base + Int64(quarter) * 1_800_000).text
            return (quarter <= 6 ? [try bench.reading("a.p", time, 1)] : []) + [try bench.reading("b.p", time, 2)]
        }
        let engine = IndicatorEngine(plan: bench.plan)
        for index in 0..<2 { engine.open(index, at: Window(start: base, end: base + 3_600_000)) }
        var next = 0
        var closed: [IndicatorValue] = []
        while next < readings.count {
            next = engine.take(readings, from: next)
            closed += engine.takeOutput().closed
        }
        engine.pass(to: base + 12 * 1_800_000 + 1)
        closed += engine.takeOutput().closed
        let old = closed.filter { $0.indicator == 0 }
        #expect(old.map(\.value) == [1, 1, 1, 20, 20, 20])
        #expect(old.allSatisfy { $0.status == .valid && $0.coverage == 1 })
    }

    @Test("a derived point follows the formula of the instant, and no longer the inputs of the one before")
    func derived() throws {
        var bench = try Bench(zone: "UTC")
        bench.gauge("a.p", gap: "1h")
        bench.gauge("b.p", gap: "1h")
        try bench.derive("d.p", "a.p + 1")
        let change = try #require(Instant("2026-01-01T11:00:00Z"))
        bench.derived[0].later = [DatedFormula(from: change, formula: .leaf(1), text: "b.p")]
        try bench.indicator("count", "1h", "count(d.p)")
        try bench.indicator("sum", "1h", "sample_mean(d.p)")
        let outcome = try bench.run([
            try bench.reading("a.p", "2026-01-01T10:00:00Z", 1), try bench.reading("b.p", "2026-01-01T10:10:00Z", 50),
            try bench.reading("a.p", "2026-01-01T10:20:00Z", 3), try bench.reading("a.p", "2026-01-01T11:10:00Z", 7),
            try bench.reading("b.p", "2026-01-01T11:20:00Z", 60), try bench.reading("b.p", "2026-01-01T12:00:00Z", 60),
            try bench.reading("a.p", "2026-01-01T12:00:00Z", 60),
        ])
        #expect(outcome.of("count").map(\.value) == [2, 1])
        #expect(outcome.of("sum").map(\.value) == [3, 60])
    }
}
