import Indicators
import Metering
import Testing

@Suite("Indicators against a baseline model")
struct BaselineModelTests {
    private static let start = "2026-03-02T23:00:00Z"
    /// Five days of the baseline, then four days.
    private static let production: [Double] = [100, 120, 140, 160, 180, 150, 110, 170, 130]
    private static let energy: [Double] = [1520, 1700, 1930, 2090, 2310, 1950, 1580, 2150, 1790]

    private func bench(range: BaselineModel.Range = .observed) throws -> Bench {
        var bench = try Bench()
        bench.gauge("m.x", gap: "1d")
        bench.gauge("m.y", gap: "1d")
        try bench.indicator("x", "1d", "mean(m.x)")
        try bench.indicator("y", "1d", "mean(m.y)")
        let first = try #require(Instant(Self.start))
        let baseline = Window(start: first, end: first + 5 * 86_400_000)
        for result in BaselineModel.Result.allCases {
            var indicator = IndicatorDefinition(
                name: result.rawValue, rule: bench.indicators[0].rule, formula: .number(0), formulaText: "")
            indicator.model = BaselineModel(
                subject: 1, drivers: [0], baseline: baseline, result: result, range: range)
            bench.indicators.append(indicator)
        }
        return bench
    }

    private func readings(_ bench: Bench, _ x: [Double?], _ y: [Double?]) throws -> [Reading] {
        let first = try #require(Instant(Self.start))
        return try zip(x, y).enumerated().flatMap { day, pair in
            let time = (first + Int64(day) * 86_400_000).text
            return [try bench.reading("m.x", time, pair.0), try bench.reading("m.y", time, pair.1)]
        } + [try bench.reading("m.x", (first + Int64(x.count) * 86_400_000).text, 1)]
    }

    @Test("V43 predicted 2008.5, 1614.5, 2205.5, 1811.5, savings 58.5, 34.5, 55.5, 21.5, CUSUM 58.5, 93, 148.5, 170")
    func workedExample() throws {
        let bench = try bench()
        let outcome = try bench.run(
            try readings(bench, Self.production, Self.energy), until: "2026-03-20T00:00:00Z")
        func expect(_ name: String, _ values: [Double]) {
            let found = outcome.of(name).filter { $0.status == .valid }
            #expect(found.count == values.count)
            for (found, value) in zip(found, values) { #expect(isNear(found.value, value, 1e-12)) }
        }
        expect("predicted", [2008.5, 1614.5, 2205.5, 1811.5])
        expect("savings", [58.5, 34.5, 55.5, 21.5])
        expect("cusum", [58.5, 93, 148.5, 170])
        #expect(outcome.of("savings").prefix(5).allSatisfy { $0.status == .undefined && $0.value == nil })
    }

    @Test("V44 a mean of 240 is out of the range of the baseline, and what is not known of a window is insufficient")
    func outOfRange() throws {
        let bench = try bench()
        let outcome = try bench.run(
            try readings(bench, Self.production + [240, 120, nil, 120], Self.energy + [2000, nil, 1900, 1700]),
            until: "2026-03-30T00:00:00Z")
        let savings = outcome.of("savings").dropFirst(9).prefix(4).map(\.status)
        #expect(savings == [.undefined, .insufficient, .insufficient, .valid])
        #expect(outcome.of("predicted").dropFirst(9).prefix(3).map(\.status) == [.undefined, .valid, .insufficient])
        // A window without savings adds nothing to the sum and does not end it.
        let cusum = outcome.of("cusum").dropFirst(9).prefix(4)
        #expect(cusum.map(\.status) == [.undefined, .insufficient, .insufficient, .valid])
        #expect(isNear(cusum.last?.value, 170 + 1713 - 1700, 1e-12))
    }

    @Test(
        "the range is what was observed, or three standard deviations about its mean",
        arguments: [
            (181.0, false, true), (234, false, true), (235, false, false), (46, false, true), (45, false, false),
        ])
    func range(x: Double, observed: Bool, deviations: Bool) throws {
        for (range, expected) in [(BaselineModel.Range.observed, observed), (.deviations, deviations)] {
            let bench = try bench(range: range)
            let outcome = try bench.run(
                try readings(bench, Array(Self.production.prefix(5)) + [x], Array(Self.energy.prefix(5)) + [2000]),
                until: "2026-03-20T00:00:00Z")
            #expect((outcome.of("predicted")[5].value != nil) == expected, "\(range)")
        }
    }

    @Test("a model that proves nothing gives no values")
    func uselessModel() throws {
        let bench = try bench()
        let outcome = try bench.run(
            try readings(bench, Self.production, [1520, 2310, 1500, 2290, 1510, 1950, 1580, 2150, 1790]),
            until: "2026-03-20T00:00:00Z")
        #expect(outcome.of("savings").allSatisfy { $0.value == nil && $0.status != .valid })
    }
}
