import Indicators
import Metering
import Testing

@Suite("Worked examples of indicators")
struct WorkedExamples {
    private func minutes(_ bench: Bench, _ point: String, from start: String, _ values: [Double?]) throws -> [Reading] {
        let base = try #require(Instant(start))
        return try values.enumerated().map { minute, value in
            try bench.reading(point, (base + Int64(minute) * 60_000).text, value)
        }
    }

    @Test(
        "V08 V09 a day of the change is 23 h or 25 h long, and no energy is lost or doubled",
        arguments: [
            ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 23, 92, 230.0),
            ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 25, 100, 250.0),
        ])
    func changeOfClock(start: String, end: String, hours: Int, quarters: Int, energy: Double) throws {
        var bench = try Bench()
        bench.gauge("m.p", gap: "1d")
        try bench.indicator("day", "1d", "integral(m.p)")
        try bench.indicator("hour", "1h", "integral(m.p)")
        try bench.indicator("quarter", "15m", "integral(m.p)")
        let first = try #require(Instant(start))
        let readings = try (0...(hours + 1)).map { try bench.reading("m.p", (first + Int64($0) * 3_600_000).text, 10) }
        let outcome = try bench.run(readings)
        let day = try #require(outcome.of("day").first)
        #expect(day.window.start.text == start)
        #expect(day.window.end.text == end)
        #expect(isNear(day.value, energy))
        #expect(outcome.of("hour").count { day.window.contains($0.window) } == hours)
        #expect(outcome.of("quarter").count { day.window.contains($0.window) } == quarters)
    }

    @Test("V09 the local hour 02:00 stands twice")
    func repeatedHour() throws {
        let calendar = try #require(SiteCalendar(identifier: "Europe/Stockholm"))
        let rule = try #require(WindowRule(plain: CalendarLength(1, .hours)))
        let day = Window(
            start: try #require(Instant("2026-10-24T22:00:00Z")), end: try #require(Instant("2026-10-25T23:00:00Z")))
        let starts = WindowSequence(rule, calendar: calendar).windows(inside: day).map { calendar.text($0.start) }
        #expect(
            starts.filter { $0.contains("T02:00:00") } == ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"])
    }

    @Test(
        "V10 coverage on a short and a long day",
        arguments: [("2026-03-28T23:00:00Z", 1380, 1.0), ("2026-10-24T22:00:00Z", 1440, 0.96)])
    func coverageOfDays(start: String, count: Int, coverage: Double) throws {
        var bench = try Bench()
        bench.gauge("m.p", gap: "1m")
        try bench.indicator("day", "1d", "mean(m.p)")
        let readings = try minutes(bench, "m.p", from: start, Array(repeating: 1, count: count))
        let outcome = try bench.run(readings, until: "2026-12-01T00:00:00Z")
        #expect(outcome.of("day").first?.coverage == coverage)
    }

    @Test(
        "V11 a value holds at most max_gap",
        arguments: [("60m", 95.5, 1.0, IndicatorStatus.valid), ("5m", 66.25, 8.0 / 60, IndicatorStatus.insufficient)])
    func held(gap: String, mean: Double, coverage: Double, status: IndicatorStatus) throws {
        var bench = try Bench()
        bench.gauge("m.p", gap: gap)
        try bench.indicator("mean", "1h", "mean(m.p)")
        try bench.indicator("samples", "1h", "sample_mean(m.p)")
        let readings = try minutes(bench, "m.p", from: "2026-01-01T10:00:00Z", [10, 10, 10, 100])
        let outcome = try bench.run(readings, until: "2026-01-02T00:00:00Z")
        let value = try #require(outcome.of("mean").first)
        #expect(isNear(value.value, mean))
        #expect(isNear(value.coverage, coverage))
        #expect(value.status == status)
        #expect(outcome.of("samples").first?.value == 32.5)
    }

    @Test("V12 the integral takes each reading until the next")
    func integral() throws {
        var bench = try Bench()
        bench.gauge("m.p", gap: "1h")
        try bench.indicator("energy", "1h", "integral(m.p)")
        let outcome = try bench.run([
            try bench.reading("m.p", "2026-01-01T10:00:00Z", 0), try bench.reading("m.p", "2026-01-01T10:30:00Z", 60),
            try bench.reading("m.p", "2026-01-01T11:00:00Z", 60),
        ])
        #expect(outcome.of("energy").first?.value == 30)
    }

    @Test("V13 nothing is drawn across a gap")
    func gap() throws {
        var bench = try Bench()
        bench.gauge("m.p", gap: "10m")
        try bench.indicator("energy", "1h", "integral(m.p)")
        try bench.indicator("max", "1h", "max(m.p)")
        let outcome = try bench.run(
            [
                try bench.reading("m.p", "2026-01-01T10:00:00Z", 80),
                try bench.reading("m.p", "2026-01-01T10:50:00Z", 2400),
            ],
            until: "2026-01-01T12:00:00Z")
        let energy = try #require(outcome.of("energy").first)
        #expect(isNear(energy.value, (80.0 * 10 + 2400 * 10) / 60))
        #expect(isNear(energy.coverage, 20.0 / 60))
    }

    @Test(
        "V16 coverage is compared exactly",
        arguments: [("0.6667", 20, false), ("2/3", 20, true), ("2/3", 19, false)])
    func exactCoverage(required: String, slots: Int, valid: Bool) throws {
        var bench = try Bench()
        bench.gauge("m.p", gap: "1m")
        try bench.indicator("half", "30m", "mean(m.p)", minCoverage: required)
        let readings = try minutes(bench, "m.p", from: "2026-01-01T10:00:00Z", Array(repeating: 1, count: slots))
        let outcome = try bench.run(readings, until: "2026-01-01T11:00:00Z")
        #expect((outcome.of("half").first?.status == .valid) == valid)
    }

    @Test("V39 a mean weighs by time")
    func weighted() throws {
        var bench = try Bench()
        bench.gauge("m.p", gap: "60m")
        try bench.indicator("mean", "2h", "mean(m.p)", minCoverage: "0.5")
        let outcome = try bench.run([
            try bench.reading("m.p", "2026-01-01T11:00:00Z", 10), try bench.reading("m.p", "2026-01-01T12:00:00Z", 40),
            try bench.reading("m.p", "2026-01-01T12:20:00Z", nil), try bench.reading("m.p", "2026-01-01T13:00:00Z", 1),
        ])
        #expect(outcome.of("mean").first?.value == 17.5)
    }

    @Test("V46 a rolling day of hourly values")
    func rolling() throws {
        var bench = try Bench()
        bench.gauge("m.p", gap: "1h")
        try bench.indicator("day", "24h", "mean(m.p)", every: "1h")
        let base = try #require(Instant("2026-01-01T00:00:00Z"))
        let readings = try (0...24).map { hour in
            try bench.reading("m.p", (base + Int64(hour) * 3_600_000).text, hour == 23 ? 34 : 10)
        }
        let outcome = try bench.run(readings)
        #expect(isNear(outcome.of("day").last?.value, 11))
        #expect(outcome.of("day").last?.coverage == 1)
    }

    @Test("V14 V15 an outage's advance is spread over its time and estimated")
    func outage() throws {
        var bench = try Bench()
        bench.counter("m.e", gap: "1h")
        try bench.indicator("hour", "1h", "delta(m.e)", grace: "1d")
        let outcome = try bench.run([
            try bench.reading("m.e", "2026-01-01T10:00:00Z", 1000),
            try bench.reading("m.e", "2026-01-01T13:00:00Z", 1060),
        ])
        #expect(outcome.of("hour").map(\.value) == [20, 20, 20])
        #expect(
            outcome.of("hour").allSatisfy { $0.flags == .estimated && $0.status == .insufficient && $0.coverage == 0 })

        let ragged = try bench.run([
            try bench.reading("m.e", "2026-01-01T09:58:00Z", 998),
            try bench.reading("m.e", "2026-01-01T13:04:00Z", 1061),
        ])
        var index = 998.0
        let atHours = ragged.of("hour").map { value in
            index += value.value ?? .nan
            return index
        }
        for (computed, expected) in zip(atHours, [998.677419, 1019, 1039.322581, 1059.645161]) {
            #expect(isNear(computed, expected, 1e-8))
        }
    }

    @Test("V38 a ratio of deltas is a ratio of sums, and a division by zero is undefined")
    func ratio() throws {
        var bench = try Bench()
        bench.counter("m.e")
        bench.counter("m.t")
        try bench.indicator("two", "2h", "delta(m.e) / delta(m.t)")
        try bench.indicator("one", "1h", "delta(m.e) / delta(m.t)")
        func both(_ time: String, _ energy: Double, _ tonnes: Double) throws -> [Reading] {
            [try bench.reading("m.e", time, energy), try bench.reading("m.t", time, tonnes)]
        }
        let outcome = try bench.run(
            try both("2026-01-01T11:00:00Z", 0, 0) + both("2026-01-01T12:00:00Z", 1000, 10)
                + both("2026-01-01T13:00:00Z", 2000, 12) + both("2026-01-01T14:00:00Z", 3000, 12))
        #expect(isNear(outcome.of("two").first?.value, 2000.0 / 12))
        #expect(outcome.of("one").last?.value == nil)
        #expect(outcome.of("one").last?.status == .undefined)
    }

    @Test("V30 V31 V32 V33 V40 reference conditions and flow weighting, as formulas a site would write")
    func referenceConditions() throws {
        func value(_ formula: String, _ inputs: [String: Double]) throws -> Double? {
            let names = inputs.keys.sorted()
            let expression = try FormulaParser.arithmetic(formula) { name in
                names.firstIndex(of: String(name.dropFirst(2))).map { (PointIndex($0), .gauge) }
            }
            return expression.value { inputs[names[Int($0)]] }
        }
        let oxygen = "s.c * (21 - s.ref) / (21 - s.o2)"
        #expect(isNear(try value(oxygen, ["c": 150, "ref": 3, "o2": 8]), 207.692308, 1e-8))
        #expect(isNear(try value("s.c * (20.9 - 3) / (20.9 - s.o2)", ["c": 150, "o2": 8]), 208.139535, 1e-8))
        #expect(isNear(try value(oxygen, ["c": 50, "ref": 11, "o2": 9]), 41.666667, 1e-7))
        let wet = "s.c / (1 - s.w / 100) * (21 - 3) / (21 - s.o2 / (1 - s.w / 100))"
        #expect(isNear(try value(wet, ["c": 100, "w": 12, "o2": 7]), 156.794425, 1e-8))
        let normal = "s.c * (s.t + 273.15) / 273.15 * 101.3 / s.p"
        #expect(isNear(try value(normal, ["c": 80, "t": 150, "p": 99]), 126.811131, 1e-8))
        // Near 21 % oxygen the factor runs away; a division by what clamp makes zero is undefined.
        let guarded = "s.c * (21 - 3) / clamp(21 - s.o2, 0, 21) * 1 / (1 - clamp((s.o2 - 20) * 1000, 0, 1))"
        #expect(try value(guarded, ["c": 5, "o2": 20.99]) == nil)
        #expect(isNear(try value(guarded, ["c": 150, "o2": 8]), 207.692308, 1e-8))
    }

    @Test("V40 a flow-weighted mean is a ratio of integrals")
    func flowWeighted() throws {
        var bench = try Bench()
        bench.gauge("s.c", gap: "1h")
        bench.gauge("s.q", gap: "1h")
        try bench.derive("s.load", "s.c * s.q")
        try bench.indicator("weighted", "2h", "integral(s.load) / integral(s.q)")
        var readings: [Reading] = []
        for (time, c, q) in [("11", 10.0, 300.0), ("12", 30, 100), ("13", 0, 0)] {
            readings.append(try bench.reading("s.c", "2026-01-01T\(time):00:00Z", c))
            readings.append(try bench.reading("s.q", "2026-01-01T\(time):00:00Z", q))
        }
        #expect(isNear(try bench.run(readings).of("weighted").first?.value, 15))
    }

    @Test(
        "V48 the nearest rank is rounded half up in exact decimals",
        arguments: [("95", 10, 10), ("99.9", 35040, 35005), ("97", 17520, 16994), ("1", 10, 1)])
    func nearestRank(percentage: String, count: Int, rank: Int) throws {
        var bench = try Bench()
        bench.gauge("m.p", gap: "1h")
        try bench.indicator("p", "1d", "percentile(m.p, \(percentage))", minCoverage: "0")
        let base = try #require(Instant("2026-01-01T23:00:00Z"))
        let readings = try (1...count).map { try bench.reading("m.p", (base + Int64($0) * 1000).text, Double($0)) }
        #expect(try bench.run(readings, until: "2026-01-03T00:00:00Z").of("p").first?.value == Double(rank))
    }

    @Test("V51 a sliding window finds the peak that blocks divide")
    func sliding() throws {
        var bench = try Bench()
        bench.gauge("m.p", gap: "1m")
        try bench.indicator("block", "15m", "mean(m.p)")
        try bench.indicator("sliding", "15m", "mean(m.p)", every: "1m")
        let values =
            Array(repeating: 100.0, count: 10) + Array(repeating: 200, count: 10) + Array(repeating: 100, count: 11)
        let outcome = try bench.run(try minutes(bench, "m.p", from: "2026-01-01T10:00:00Z", values))
        #expect(outcome.of("block").map { $0.value ?? 0 }.allSatisfy { isNear($0, 400.0 / 3) })
        let peak = outcome.of("sliding").filter { $0.status == .valid }.compactMap(\.value).max()
        #expect(isNear(peak, 2500.0 / 15))
    }

    @Test("V67 a meter silent for a day has no value, coverage 0, and is insufficient")
    func silent() throws {
        var bench = try Bench()
        bench.gauge("m.p")
        bench.gauge("n.p")
        try bench.indicator("day", "1d", "mean(m.p)")
        let outcome = try bench.run(
            [try bench.reading("m.p", "2026-01-01T10:00:00Z", 1), try bench.reading("n.p", "2026-01-03T12:00:00Z", 1)])
        let silent = try #require(outcome.of("day").last)
        #expect(silent.value == nil && silent.coverage == 0 && silent.status == .insufficient)
    }
}
