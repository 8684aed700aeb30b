import Foundation
import Indicators
import Metering
import RecordKit
import Testing

@testable import Recording

/// Sums of which one part was made by a definition that another has replaced since.
@Suite("Sums over windows of definitions that change")
struct SumsOverChangesTests {
    private static let start = Instant(milliseconds: 1_790_812_800_000)  // 2026-10-01T00:00:00Z
    private static func at(_ minute: Int) -> Instant { start + Int64(minute) * 60_000 }

    private static func configuration(part: String = "", sum: String = "") -> String {
        """
        site: {name: Test works, timezone: Etc/UTC}
        meters:
          m: {interval: 5m, points: {p: {kind: gauge}, e: {kind: counter, unit: kWh, max_rate: 500, max_gap: 20m}}}
        indicators:
          part: {window: 1h, formula: delta(m.e), unit: kWh\(part)}
          sum: {window: 2h, formula: sum(part), unit: kWh\(sum)}
        """
    }

    private static func budgeted(_ name: String) -> String {
        """
        site: {name: Test works, timezone: Etc/UTC}
        meters: {m: {interval: 5m, points: {e: {kind: counter, unit: kWh, max_rate: 500, max_gap: 20m}}}}
        indicators: {\(name): {window: 1h, formula: delta(m.e), unit: kWh}}
        objectives: {o: {indicator: \(name), per: 1d, budget: 1000}}
        """
    }

    @Test("a budget that goes over to an indicator that is new begins with the past of its period")
    func budgetOverNewIndicator() throws {
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, Self.budgeted("use"))
            try works.record(Self.readings("e", 0...200))
            try works.change(Self.budgeted("need"))
            try works.record(Self.readings("e", 205...400))
            #expect(try works.verdicts("o").map(\.value) == [60, 120, 180, 240, 300, 360])
            try works.store.close()
        }
    }

    private static func readings(_ point: String, _ minutes: ClosedRange<Int>) -> [(String, Instant, Double)] {
        stride(from: minutes.lowerBound, through: minutes.upperBound, by: 5).map { ("m.\(point)", at($0), Double($0)) }
    }

    @Test("a sum that an earlier definition made takes in what a late reading makes of a part that lasts")
    func lateUnderLastingPart() throws {
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, Self.configuration())
            try works.record(Self.readings("e", 0...300).filter { !(61...119).contains($0.1.minute) })
            #expect(try works.values("sum").first?.coverage ?? 1 < 0.9)
            try works.change(Self.configuration(sum: ", grace: 1m"))
            try works.record(Self.readings("e", 65...115) + Self.readings("e", 305...400))
            let first = try #require(works.values("sum").first)
            #expect(first.window.end == Self.at(120) && first.value == 120 && first.coverage == 1, "\(first)")
            try works.store.close()
        }
    }

    @Test("a sum closed before a change does not know windows that the new definition made inside it later")
    func laterWindowsInside() throws {
        func configuration(_ window: String) -> String {
            """
            site: {name: Test works, timezone: Etc/UTC}
            meters: {m: {interval: 5m, points: {e: {kind: counter, unit: kWh, max_rate: 500, max_gap: 20m}}}}
            indicators:
              part: {window: \(window), formula: delta(m.e), unit: kWh}
              sum: {window: 2h, every: 30m, formula: sum(part), unit: kWh}
            """
        }
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, configuration("1h"))
            try works.record(Self.readings("e", 0...170).filter { !(61...109).contains($0.1.minute) })
            // The next part is 20 minutes from 02:00 on; the last sum of before reaches from 00:30 to 02:30.
            try works.change(configuration("20m"))
            try works.record(Self.readings("e", 65...105) + Self.readings("e", 175...400))
            let sums = try works.values("sum")
            let last = try #require(sums.first { $0.window.end == Self.at(150) })
            #expect(last.value == 60 && last.status == .valid && last.coverage == 1 && last.revision == 2, "\(last)")
            let next = try #require(sums.first { $0.window.end == Self.at(180) })
            #expect(next.value == nil && next.flags.contains(.definitionChanged), "\(next)")
            try works.store.close()
        }
    }

    @Test("where the windows of a baseline cannot be added up there is no target, and none is shown")
    func noTargetOfTwoDefinitions() throws {
        func configuration(_ window: String) -> String {
            """
            site: {name: Test works, timezone: Etc/UTC}
            meters: {m: {interval: 5m, points: {e: {kind: counter, unit: kWh, max_rate: 500, max_gap: 20m}}}}
            indicators: {use: {window: \(window), formula: delta(m.e), unit: kWh}}
            objectives:
              o:
                indicator: use
                reduction: 10%
                baseline: {from: "2026-10-01T00:00:00Z", to: "2026-10-01T04:00:00Z"}
            """
        }
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, configuration("1h"))
            try works.record(Self.readings("e", 0...125))
            try works.change(configuration("30m"))
            try works.record(Self.readings("e", 130...400))
            let last = try #require(works.verdicts("o").last)
            #expect(last.verdict == .notEvaluable && last.reason == .definitionChanged, "\(last)")
            #expect(last.value == 30 && last.limit == nil, "\(last)")
            try works.store.close()
        }
    }

    @Test("a sum that is open takes in a part as it is revised, also where an earlier definition closed that")
    func openOverPartOfEarlierDefinition() throws {
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, Self.configuration())
            // The change comes 5 minutes after the hour, while it is open whether the counter's last reading is to be believed.
            try works.record(Self.readings("e", 0...170) + [("m.e", Self.at(185), 5000)])
            try works.change(Self.configuration(part: ", grace: 30m"))
            let before = try works.values("part").last
            #expect(before?.window.end == Self.at(180) && before?.value != 60)
            try works.record(Self.readings("e", 190...400))
            let sums = try works.values("sum")
            #expect(sums.map(\.value).prefix(2) == [120, 120], "\(sums)")
            try works.store.close()
        }
    }
}

/// What a formula that holds from a date on is computed from, changed without a date.
@Suite("Dated formulas over points that change")
struct DatedFormulaOverChangesTests {
    private static func configuration(_ derived: String) -> String {
        """
        site: {name: Test works, timezone: Etc/UTC}
        meters: {m: {interval: 5m, points: {p: {kind: gauge, max_gap: 20m}}}}
        derived: {m.d: {formula: \(derived)}}
        indicators:
          a: {window: 1h, formula: [mean(m.p), {from: 2026-10-01T01:00:00Z, formula: mean(m.d)}]}
        """
    }

    @Test("what it closed stays as it was, also after a late reading; what ends later is made anew")
    func closedStays() throws {
        func readings(_ minutes: [Int]) -> [(String, Instant, Double)] {
            minutes.map { ("m.p", Instant(milliseconds: 1_790_812_800_000 + Int64($0) * 60_000), 3) }
        }
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, Self.configuration("m.p + 0"))
            try works.record(readings((0...60).map { $0 * 5 }.filter { $0 != 150 }))
            try works.change(Self.configuration("m.p + 1"))
            try works.record(readings([150] + (61...90).map { $0 * 5 }))
            #expect(try works.values("a").map(\.value) == [3, 3, 3, 3, 3, 4, 4])
            try works.store.close()
        }
    }
}

extension Instant {
    fileprivate var minute: Int { Int((milliseconds - 1_790_812_800_000) / 60_000) }
}
