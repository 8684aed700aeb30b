import Indicators
import Metering
import Testing

@Suite("A pause")
struct PauseTests {
    @Test("of four days closes all its windows at once, as it would have one by one")
    func allAtOnce() throws {
        var bench = try Bench()
        bench.gauge("m.p", gap: "5m")
        bench.counter("m.e", gap: "2mo")
        try bench.indicator("mean", "1m", "mean(m.p)", minCoverage: "0", grace: "2mo")
        try bench.indicator("energy", "1m", "delta(m.e)", minCoverage: "0", grace: "2mo")
        try bench.indicator("rolling", "10m", "max(m.p)", every: "1m", minCoverage: "0", grace: "2mo")
        try bench.indicator("hours", "2m", "hours(m.p > 5)", minCoverage: "0", grace: "2mo")
        let days = try [
            bench.reading("m.p", "2026-10-10T00:00:10Z", 7), bench.reading("m.e", "2026-10-10T00:00:10Z", 100),
            bench.reading("m.p", "2026-10-14T00:00:20Z", 3), bench.reading("m.e", "2026-10-14T00:00:20Z", 5_860),
        ]
        let end = try #require(Instant("2026-10-14T00:00:20Z"))
        let once = try bench.run(days, until: end.text)
        #expect(once.of("mean").count >= 4 * 1440 && once.of("hours").count >= 4 * 720)
        let minutes = once.of("energy").compactMap(\.value)
        #expect(isNear(minutes.reduce(0, +), 5_760, 1e-4) && minutes.dropFirst(5).allSatisfy { isNear($0, 1, 1e-4) })

        let engine = IndicatorEngine(plan: bench.plan)
        for index in bench.plan.indicatorsInOrder {
            engine.open(
                index,
                at: WindowSequence(bench.indicators[index].rule, calendar: bench.calendar)
                    .first(endingAfter: days[0].time))
        }
        var next = 0
        while next < 2 { next = engine.take(days, from: next) }
        engine.complete(through: days[0].time)
        // Each hour a reading that says nothing: the windows close as the time goes.
        var outcome = Bench.Outcome(names: bench.indicators.map(\.name))
        var time = days[0].time + 300_000
        while time < end {
            let bad = [Reading(0, time, bad: .timeout)]
            next = 0
            while next < bad.count { next = engine.take(bad, from: next) }
            outcome.add(engine.takeOutput())
            time = time + 3_600_000
        }
        next = 2
        while next < 4 { next = engine.take(days, from: next) }
        engine.pass(to: end)
        outcome.add(engine.takeOutput())
        engine.finish()
        outcome.add(engine.takeOutput())
        for name in ["mean", "rolling", "hours"] {
            let (a, b) = (once.of(name), outcome.of(name))
            #expect(a.count == b.count, "\(name)")
            for (one, other) in zip(a, b) where one.window != other.window || one.value != other.value {
                #expect(one.window == other.window && isNear(one.value, other.value ?? .nan), "\(name) \(one.window)")
            }
        }
    }
}
