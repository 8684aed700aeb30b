import Indicators
import Metering
import RecordKit
import Testing

@testable import Recording

/// Windows that a formula with a date hands over to another definition than the one that closed them (Rules 13).
@Suite("Windows that are handed over")
struct HandedOverTests {
    private static let start = Instant("2026-03-02T00:00:00Z")!

    private static func at(_ hours: Double) -> Instant { start + Int64(hours * 3_600_000) }

    private static func configuration(_ zone: String, _ indicators: String) -> String {
        """
        site: {name: Works, timezone: \(zone)}
        meters: {m: {interval: 5m, points: {p: {kind: gauge}, e: {kind: counter, unit: kWh, max_rate: 1000}}}}
        indicators: {\(indicators)}
        """
    }

    /// A reading of both points each five minutes of the hours.
    private static func readings(_ hours: [Range<Int>]) -> [(String, Instant, Double)] {
        hours.joined().flatMap { hour in
            (0..<12).flatMap { slot -> [(String, Instant, Double)] in
                let time = at(Double(hour)) + Int64(slot) * 300_000
                return [("m.p", time, 10), ("m.e", time, Double(hour * 12 + slot))]
            }
        }
    }

    @Test("they are computed again also where nothing that they are computed from becomes another")
    func unchangedSources() throws {
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(
                directory,
                Self.configuration(
                    "UTC",
                    "part: {window: 1h, formula: mean(m.p)}, whole: {window: 4h, formula: sum(part), min_coverage: 1}"))
            // The third hour of each four is lost.
            try works.record(Self.readings([0..<2, 3..<6, 7..<10, 11..<13]))
            #expect(try works.values("whole").map(\.status) == [.insufficient, .insufficient, .insufficient])
            try works.change(
                Self.configuration(
                    "UTC",
                    """
                    part: {window: 1h, formula: [mean(m.p), {from: "2026-03-02T05:30:00Z", formula: mean(m.p) * 1}]},
                    whole: {window: 4h, formula: sum(part), min_coverage: 0.5}
                    """))
            let values = try works.values("whole")
            #expect(values.map(\.status) == [.insufficient, .valid, .valid])
            #expect(values.map(\.value) == [30, 30, 30])
            try works.store.close()
        }
    }

    @Test("a sum over a window in which a date changes the unit is none, also where nothing was measured")
    func unitWithoutValues() throws {
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(
                directory,
                Self.configuration(
                    "UTC",
                    "part: {window: 1h, formula: delta(m.e), unit: kWh}, whole: {window: 4h, formula: count(part)}"))
            try works.record(Self.readings([0..<2, 16..<17]))
            try works.change(
                Self.configuration(
                    "UTC",
                    """
                    part: {window: 1h, unit: kWh, formula: [delta(m.e),
                        {from: "2026-03-02T05:30:00Z", formula: delta(m.e) / 1000, unit: MWh}]},
                    whole: {window: 4h, formula: count(part)}
                    """))
            let values = try works.values("whole").prefix(4)
            #expect(values.map { $0.flags.contains(.definitionChanged) } == [false, true, false, false])
            #expect(values.map(\.status) == [.insufficient, .undefined, .insufficient, .insufficient])
            try works.store.close()
        }
    }

    @Test("none are taken from before windows of another zone")
    func otherZone() throws {
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, Self.configuration("UTC", "a: {window: 6h, formula: mean(m.p)}"))
            try works.record(Self.readings([0..<24]))
            let before = try works.values("a")
            try #require(before.count >= 3)
            try works.change(Self.configuration("Asia/Kolkata", "a: {window: 6h, formula: mean(m.p)}"))
            try works.record(Self.readings([24..<48]))
            try works.change(
                Self.configuration(
                    "Asia/Kolkata",
                    "a: {window: 6h, formula: [mean(m.p), {from: 2026-03-02T09:00:00Z, formula: mean(m.p) * 2}]}"))
            try works.record(Self.readings([48..<50]))
            let values = try works.values("a")
            let last = try #require(before.last?.window.end)
            #expect(values.filter { $0.window.end <= last }.map(\.window) == before.map(\.window))
            #expect(values.filter { $0.window.end <= last }.allSatisfy { $0.value == 10 })
            #expect(values.filter { $0.window.end > last }.count >= 4)
            #expect(values.filter { $0.window.end > last }.allSatisfy { $0.value == 20 })
            try works.store.close()
        }
    }
}
