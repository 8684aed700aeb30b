import Foundation
import Indicators
import Metering
import RecordKit
import Testing

@testable import Recording

@Suite("A record that begins earlier by a late reading")
struct EarlierBeginningTests {
    private static let start = Instant(milliseconds: 1_790_812_800_000)  // 2026-10-01T00:00:00Z

    private static func configuration(_ window: String) -> String {
        """
        site: {name: Test works, timezone: Europe/Stockholm}
        meters: {m: {interval: 5m, points: {p: {kind: gauge, unit: kW}}}}
        indicators: {a: {window: \(window), formula: mean(m.p)}}
        objectives: {o: {indicator: a, missing: {count: 0, per: 1d}}}
        """
    }

    private static func readings(_ minutes: ClosedRange<Int>) -> [(String, Instant, Double)] {
        stride(from: minutes.lowerBound, through: minutes.upperBound, by: 5).map {
            ("m.p", start + Int64($0) * 60_000, 3)
        }
    }

    @Test("a demand does not judge what ended before it came in, where the definition before it had closed no window")
    func nothingClosedBefore() throws {
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, Self.configuration("1w"))
            try works.record(Self.readings(60...600))
            try works.change(Self.configuration("15m"))
            try works.record(Self.readings(30...30) + Self.readings(605...700))
            #expect(try works.values("a").first?.window.end == Self.start + 45 * 60_000)
            #expect(try works.verdicts("o").first?.window.end == Self.start + 615 * 60_000)
            try works.store.close()
        }
    }
}
