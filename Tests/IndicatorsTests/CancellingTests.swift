import Metering
import Testing

@testable import Indicators

@Suite("What came and went to the last digit")
struct CancellingTests {
    @Test(
        "is nothing; what is left of it is there, however small beside the rest",
        arguments: [
            ([0.1, 0.2, -0.3], 0), ([10 / 3, 10 / 3, -20 / 3], 0), ([1e9, 0.7, -1e9, -0.7], 0), ([3e-12, -3e-12], 0),
            ([1e9, 1e-5, -1e9], 1e-5), ([1e-300], 1e-300), ([1e308, -1e308, 1e308, -1e308, 4], 4), ([], 0),
        ] as [([Double], Double)])
    func sums(terms: [Double], left: Double) {
        var sum = CancellingSum()
        for term in terms { sum.add(term) }
        #expect(sum.value == left)
        var halves = CancellingSum()
        for half in [terms.prefix(terms.count / 2), terms.suffix(terms.count - terms.count / 2)] {
            var part = CancellingSum()
            for term in half { part.add(term) }
            halves.add(part)
        }
        #expect(halves.value == left)
    }

    @Test("is the denominator of nothing: parts of advances there and back, and a level on both sides of zero")
    func undefined() throws {
        var bench = try Bench()
        bench.gauge("m.p", gap: "1h")
        bench.counter("m.e", gap: "1h", counting: .net)
        try bench.indicator("advances", "10m", "delta(m.e) / delta(m.e)", minCoverage: "0")
        try bench.indicator("level", "10m", "mean(m.p) / integral(m.p)", minCoverage: "0")
        // Of the first advance two thirds, of the last five ninths: 2/3 - 1 + 1/3.
        let index = [("00:59", 7.0), ("01:02", 8), ("01:05", 7), ("01:14", 7.6)]
        let level = [("01:00", 0.1), ("01:06", -0.3), ("01:08", 0), ("01:10", 5)]
        let readings =
            try index.map { try bench.reading("m.e", "2026-10-10T\($0.0):00Z", $0.1) }
            + level.map { try bench.reading("m.p", "2026-10-10T\($0.0):00Z", $0.1) }
        let found = try bench.run(readings, until: "2026-10-10T03:00:00Z")
        for name in ["advances", "level"] {
            let value = try #require(found.of(name).first { $0.window.start == Instant("2026-10-10T01:00:00Z") })
            #expect(value.value == nil && value.status == .undefined, "\(name): \(value)")
        }
    }
}
