import Metering
import TestKit
import Testing

@testable import Indicators

/// A zone, and the day on which a change of its clock begins the recording.
private struct Stretch: CustomTestStringConvertible {
    var zone: String
    var start: String
    var seed: UInt64

    var testDescription: String { "\(zone) \(start) seed \(seed)" }

    static let all: [Stretch] = [
        ("Europe/Stockholm", "2026-03-28T20:00:00Z"), ("Europe/Stockholm", "2026-10-24T20:00:00Z"),
        ("Asia/Kolkata", "2026-05-01T00:00:00Z"), ("Australia/Lord_Howe", "2026-04-04T06:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-03T06:00:00Z"), ("America/New_York", "2026-10-31T22:00:00Z"),
    ].enumerated().flatMap { index, place in
        (1...1).map { Stretch(zone: place.0, start: place.1, seed: UInt64(index * 10 + $0)) }
    }
}

@Suite("Properties of random recordings")
struct PropertyTests {
    private static let hours: Int64 = 30

    private func bench(_ stretch: Stretch) throws -> Bench {
        var bench = try Bench(zone: stretch.zone)
        bench.gauge("m.p", gap: "6m")
        bench.counter("m.e", gap: "10m", maxRate: SeededSeries.maxRate, modulus: SeededSeries.modulus)
        bench.state("m.s", gap: "20m")
        return bench
    }

    private func readings(_ stretch: Stretch) throws -> [Reading] {
        SeededSeries(seed: stretch.seed, from: try #require(Instant(stretch.start)), hours: Self.hours).readings
    }

    /// The values of the whole recording, without those that close by grace after its end.
    private func run(_ bench: Bench, _ readings: [Reading]) throws -> Bench.Outcome { try bench.run(readings) }

    @Test("the deltas over any division of time add up to the total advance", arguments: Stretch.all)
    fileprivate func divisions(stretch: Stretch) throws {
        var bench = try bench(stretch)
        let divisions = ["1h", "6h", "1d", "1w", "1mo"]
        for window in divisions { try bench.indicator(window, window, "delta(m.e)", grace: "1d") }
        try bench.indicator("shifts", "1d", "delta(m.e)", grace: "1d", shifts: ["05:30", "13:45", "22:15"])
        let readings = try readings(stretch)
        let end = try #require(readings.last?.time) + 40 * 86_400_000
        let outcome = try bench.run(readings, until: end.text)
        var ledger = CounterLedger(point: 1, definition: bench.points[1])
        var total = CompensatedSum()
        for reading in readings where reading.point == 1 && reading.isUsable {
            let sample = CounterSample(time: reading.time.milliseconds, value: reading.value, isUncertain: false)
            switch ledger.take(sample) {
            case .begins: break
            case .continues(let advance): total.add(advance.amount)
            case .decided(let decision): for advance in decision.advances { total.add(advance.amount) }
            }
        }
        #expect(total.value > 100)
        for name in divisions + ["shifts"] {
            var sum = CompensatedSum()
            for value in outcome.of(name) { sum.add(value.value ?? 0) }
            #expect(isNear(sum.value, total.value, 1e-11), "\(name): \(sum.value) of \(total.value)")
        }
    }

    @Test("min ≤ mean ≤ max, first and last among the readings, coverage and share in [0, 1]", arguments: Stretch.all)
    fileprivate func bounds(stretch: Stretch) throws {
        var bench = try bench(stretch)
        for (rule, window, every) in [("plain", "30m", nil), ("rolling", "3h", "30m"), ("day", "1d", "1h")] {
            for condition in [nil, "m.s == 1"] {
                let suffix = rule + (condition == nil ? "" : " while")
                for function in ["min", "mean", "max", "sample_mean", "stddev", "count", "coverage", "first", "last"] {
                    try bench.indicator(
                        "\(function) \(suffix)", window, "\(function)(m.p)", every: every, minCoverage: "0",
                        during: condition)
                }
                try bench.indicator(
                    "p50 \(suffix)", window, "percentile(m.p, 50)", every: every, minCoverage: "0", during: condition)
                try bench.indicator(
                    "share \(suffix)", window, "share(m.p > 60)", every: every, minCoverage: "0", during: condition)
                try bench.indicator(
                    "hours \(suffix)", window, "hours(m.p > 60)", every: every, minCoverage: "0", during: condition)
            }
        }
        let outcome = try run(bench, try readings(stretch))
        #expect(outcome.values.allSatisfy { $0.coverage >= 0 && $0.coverage <= 1 })
        var compared = 0
        for suffix in ["plain", "rolling", "day"].flatMap({ [$0, $0 + " while"] }) {
            func values(_ function: String) -> [Double?] { outcome.of("\(function) \(suffix)").map(\.value) }
            for (low, (mean, high)) in zip(values("min"), zip(values("mean"), values("max"))) {
                guard let low, let mean, let high else { continue }
                #expect(low <= mean * (1 + 1e-12) + 1e-9 && mean <= high + abs(high) * 1e-12 + 1e-9)
                compared += 1
            }
            // What is read between two readings of the window is between them too.
            for (count, (median, mean)) in zip(values("count"), zip(values("p50"), values("sample_mean"))) {
                #expect((count ?? 0) == 0 ? median == nil && mean == nil : median != nil && mean != nil)
            }
            for value in values("stddev") { #expect((value ?? 0) >= 0) }
            for value in values("share") + values("coverage") { #expect((value ?? 0) >= 0 && (value ?? 0) <= 1) }
            for (hours, value) in zip(values("hours"), outcome.of("hours \(suffix)")) {
                #expect((hours ?? 0) * 3_600_000 <= Double(value.window.length))
            }
        }
        #expect(compared > 200)
    }

    @Test("a rolling window has the value of the same stretch as one window of its own", arguments: Stretch.all)
    fileprivate func rollingIsBatch(stretch: Stretch) throws {
        var bench = try bench(stretch)
        let formulas = [
            "mean(m.p)", "min(m.p)", "max(m.p)", "stddev(m.p)", "sample_mean(m.p)", "delta(m.e)", "rate(m.e)",
            "percentile(m.p, 90)", "hours(m.p > 60)", "share(m.s == 1)", "coverage(m.e)", "last(m.p)", "first(m.e)",
            "count(m.p)",
        ]
        for (window, every) in [("8h", "30m"), ("1d", "1h")] {
            for formula in formulas {
                try bench.indicator("\(formula) \(window)", window, formula, every: every, grace: "60d")
            }
            try bench.indicator(
                "while \(window)", window, "mean(m.p) + delta(m.e)", every: every, minCoverage: "0.2",
                during: "m.s == 1", grace: "60d")
        }
        let readings = try readings(stretch)
        let outcome = try run(bench, readings)
        var numbers = SeededNumbers(seed: stretch.seed)
        for index in bench.indicators.indices {
            let values = outcome.values.filter { $0.indicator == index && $0.window.start >= readings[0].time }
            for value in values.shuffled(using: &numbers).prefix(2) {
                let engine = IndicatorEngine(plan: bench.plan, indicators: [index], closesByGrace: false)
                engine.open(index, at: value.window, once: true)
                var next = 0
                while next < readings.count { next = engine.take(readings, from: next) }
                engine.close(index, through: value.window.end)
                let whole = try #require(engine.takeOutput().closed.first)
                #expect(whole.status == value.status && whole.flags == value.flags)
                #expect(isSame(whole.value, value.value), "\(bench.indicators[index].name)")
                #expect(whole.coverage == value.coverage)
            }
        }
    }

    @Test("wherever the engine begins, a window has the same bits", arguments: Stretch.all)
    fileprivate func restartsKeepBits(stretch: Stretch) throws {
        var bench = try bench(stretch)
        for (window, every) in [("6h", "10m"), ("1d", "30m"), ("1h", "2m")] {
            for formula in ["mean(m.p)", "stddev(m.p)", "delta(m.e)", "integral(m.p) / hours(m.p > 50)"] {
                try bench.indicator("\(formula) \(window)", window, formula, every: every, grace: "60d")
            }
            try bench.indicator(
                "while \(window)", window, "mean(m.p)", every: every, minCoverage: "0.1", during: "m.s == 1",
                grace: "60d")
        }
        let readings = try readings(stretch)
        let outcome = try run(bench, readings)
        var numbers = SeededNumbers(seed: stretch.seed &+ 3)
        for index in bench.indicators.indices {
            let values = outcome.values.filter { $0.indicator == index }
            let begin = Int.random(in: 0..<(values.count / 2), using: &numbers)
            let engine = IndicatorEngine(plan: bench.plan, indicators: [index], closesByGrace: false)
            engine.open(index, at: values[begin].window)
            var next = 0
            while next < readings.count { next = engine.take(readings, from: next) }
            engine.close(index, through: values[begin + values.count / 3].window.end)
            let closed = engine.takeOutput().closed
            #expect(closed.count > 10)
            for (again, value) in zip(closed, values[begin...]) {
                #expect(again.saysTheSame(as: value) && again.window == value.window)
            }
        }
    }

    private func isSame(_ a: Double?, _ b: Double?) -> Bool {
        guard let a, let b else { return a == b }
        return abs(a - b) <= 1e-10 * max(abs(a), abs(b), 1)
    }
}
