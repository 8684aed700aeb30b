import Conformity
import Foundation
import Indicators
import Metering
import RecordKit
import Testing

@testable import Recording

/// What was read during an episode, where definitions and names change within it or after it.
@Suite("Evidence over definitions that change")
struct EvidenceOverChangesTests {
    private static let start = Instant(milliseconds: 1_790_812_800_000)  // 2026-10-01T00:00:00Z

    private static func configuration(_ derived: String, meter: String = "m", _ more: String = "") -> String {
        """
        site: {name: Test works, timezone: Etc/UTC}
        meters: {\(meter): {interval: 5m, points: {p: {kind: gauge, max_gap: 20m}}\(more)}}
        derived: {\(meter).d: {formula: \(meter).p + \(derived)}}
        indicators: {a: {window: 1h, formula: mean(\(meter).d)}}
        objectives: {o: {indicator: a, max: 10}}
        """
    }

    /// A reading each five minutes, of the value of its minute.
    private static func readings(
        _ minutes: ClosedRange<Int>, meter: String = "m", _ value: (Int) -> Double
    ) -> [(String, Instant, Double)] {
        stride(from: minutes.lowerBound, through: minutes.upperBound, by: 5)
            .map { ("\(meter).p", start + Int64($0) * 60_000, value($0)) }
    }

    private static func evidence(_ works: ChangingWorks) throws -> EvidencePoint {
        let found = try works.nonconformities()
        try #require(found.count == 1)
        return try #require(found[0].points.first)
    }

    @Test("what came late is collected by the formula that made the windows of its time")
    func lateByItsFormula() throws {
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, Self.configuration("0"))
            try works.record(Self.readings(0...130) { _ in 20 }.filter { $0.1 != Self.start + 30 * 60_000 })
            #expect(try Self.evidence(works).count == 11)
            try works.change(Self.configuration("1"))
            try works.record(Self.readings(30...30) { _ in 20 } + Self.readings(135...200) { _ in 20 })
            let point = try Self.evidence(works)
            #expect(point.count == 12 && point.minimum == 20 && point.maximum == 20, "\(point)")
            try works.store.close()
        }
    }

    @Test("an episode that lasts over a change has each part by its own formula")
    func bothFormulas() throws {
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, Self.configuration("0"))
            try works.record(Self.readings(0...125) { _ in 20 })
            try works.change(Self.configuration("1"))
            try works.record(Self.readings(130...400) { $0 < 180 ? 20 : 2 })
            let point = try Self.evidence(works)
            // Two hours by the first formula; the third, and the one that clears, by the second.
            #expect(point.count == 48 && point.first == 20 && point.maximum == 21 && point.minimum == 3, "\(point)")
            #expect(point.last == 3)
            try works.store.close()
        }
    }

    @Test("what came late before a demand changed leaves all windows that were judged by it")
    func windowsOfEarlierDemand() throws {
        func configuration(_ limit: Int) -> String {
            """
            site: {name: Test works, timezone: Etc/UTC}
            meters: {m: {interval: 5m, points: {p: {kind: gauge, max_gap: 20m}}}}
            indicators: {a: {window: 1h, formula: max(m.p)}}
            objectives: {o: {indicator: a, max: \(limit)}}
            """
        }
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, configuration(10))
            try works.record(
                Self.readings(0...245) { _ in 20 }.filter { ![30, 90].contains(($0.1 - Self.start) / 60_000) })
            try works.change(configuration(12))
            try works.record(Self.readings(90...90) { _ in 30 } + Self.readings(250...310) { _ in 20 })
            #expect(try Self.evidence(works).count == 11)
            try works.record(Self.readings(30...30) { _ in 15 })
            let found = try #require(works.nonconformities().first)
            // It changes no value, and yet it is among what was read.
            #expect(found.points.first?.count == 12)
            #expect(found.windows.map(\.value) == [20, 30, 20, 20, 20] && found.peak == 30, "\(found.windows)")
            try works.store.close()
        }
    }

    @Test("what ends under an earlier demand, once a late reading is there, has no window of the later one")
    func endsBeforeTheChange() throws {
        func configuration(_ limit: Int) -> String {
            """
            site: {name: Test works, timezone: Etc/UTC}
            meters: {m: {interval: 5m, points: {p: {kind: gauge, max_gap: 20m}}}}
            indicators: {a: {window: 1h, formula: min(m.p)}}
            objectives: {o: {indicator: a, max: \(limit)}}
            """
        }
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, configuration(10))
            try works.record(Self.readings(0...245) { _ in 20 })
            try works.change(configuration(12))
            try works.record(Self.readings(250...370) { _ in 20 })
            try works.record(Self.readings(91...91) { _ in 5 })
            let found = try works.nonconformities()
            #expect(found.map { $0.windows.map(\.value) } == [[20, 5], [20, 20, 20, 20]], "\(found.map(\.windows))")
            try works.store.close()
        }
    }

    @Test("what an earlier demand judges again leaves the peak that was found under the one after it")
    func peakOfBothDemands() throws {
        func configuration(_ limit: Int) -> String {
            """
            site: {name: Test works, timezone: Etc/UTC}
            meters: {m: {interval: 5m, points: {p: {kind: gauge, max_gap: 20m}}}}
            indicators: {a: {window: 1h, formula: max(m.p)}}
            objectives: {o: {indicator: a, max: \(limit)}}
            """
        }
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, configuration(10))
            try works.record(Self.readings(0...245) { _ in 20 })
            try works.change(configuration(2))
            try works.record(Self.readings(250...310) { _ in 19 })
            // The window around the change has 20; by its limit, 2, that is farther than 22 by the limit before, 10.
            for value in [21.0, 22, 29] {
                try works.record(Self.readings(31...31) { _ in value })
                let found = try #require(works.nonconformities().first)
                let expected = value - 10 > 18 ? (value, 10.0) : (20.0, 2.0)
                #expect(found.peak == expected.0 && found.limit == expected.1, "\(found)")
            }
            try works.store.close()
        }
    }

    @Test("what a date restates is evidence anew, also where no window has another value")
    func restated() throws {
        func configuration(_ formula: String) -> String {
            """
            site: {name: Test works, timezone: Etc/UTC}
            meters: {m: {interval: 5m, points: {p: {kind: gauge, max_gap: 20m}}}}
            derived: {m.d: {formula: \(formula)}}
            indicators: {a: {window: 1h, formula: share(m.d > 10)}}
            objectives: {o: {indicator: a, max: 0.5}}
            """
        }
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, configuration("m.p"))
            try works.record(Self.readings(0...245) { $0 < 120 ? 20 : 5 })
            #expect(try Self.evidence(works).maximum == 20)
            try works.change(configuration("[m.p, {from: \"2026-10-01T00:30:00Z\", formula: m.p + 1}]"))
            try works.record(Self.readings(250...310) { _ in 5 })
            let point = try Self.evidence(works)
            #expect(point.minimum == 6 && point.first == 20 && point.maximum == 21, "\(point)")
            try works.store.close()
        }
    }

    @Test("what a late reading raises, or has last, over a change of its demand shows the demand since")
    func demandSince() throws {
        func configuration(_ limit: Int) -> String {
            """
            site: {name: Test works, timezone: Etc/UTC}
            meters: {m: {interval: 5m, points: {p: {kind: gauge, max_gap: 20m}}}}
            indicators: {a: {window: 1h, formula: max(m.p)}}
            objectives: {o: {indicator: a, max: \(limit)}}
            """
        }
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, configuration(10))
            try works.record(Self.readings(0...245) { _ in 5 })
            try works.change(configuration(12))
            // At the 202nd minute another value is read each time; then an hour is judged by the new demand.
            for (minute, value, demands) in [
                (202, 30.0, [12]), (202, 5, []), (142, 30, []), (202, 30, [12]), (202, 5, []),
            ] {
                try works.record(Self.readings(minute...minute) { _ in value })
                let standing = try works.nonconformities().filter { !$0.isPutRight }
                #expect(
                    standing.flatMap(\.laterDemands).map(\.since)
                        == demands.map { _ in 245 * 60_000 + Self.start.milliseconds })
                #expect(standing.flatMap(\.laterDemands).allSatisfy { $0.definition.contains("\"max\":12") })
            }
            try works.record(Self.readings(202...202) { _ in 30 } + Self.readings(250...310) { _ in 5 })
            let standing = try works.nonconformities().filter { !$0.isPutRight }
            #expect(standing.map(\.condition) == [.cleared] && standing.map(\.laterDemands.count) == [1])
            try works.store.close()
        }
    }

    @Test("an episode over a long window follows those over the shorter windows before, and has nothing of theirs")
    func longerWindows() throws {
        func configuration(_ window: String) -> String {
            """
            site: {name: Test works, timezone: Etc/UTC}
            meters: {m: {interval: 5m, points: {p: {kind: gauge, max_gap: 20m}}}}
            indicators: {a: {window: \(window), formula: max(m.p)}}
            objectives: {o: {indicator: a, max: 10}}
            """
        }
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, configuration("10m"))
            try works.record(Self.readings(0...125) { (60..<70).contains($0) ? 20 : 5 })
            try works.change(configuration("4h"))
            try works.record(Self.readings(130...250) { _ in 5 })
            let found = try works.nonconformities()
            try #require(found.count == 2)
            #expect(found[1].onset == Self.start && found[1].recurrenceOf == found[0].id)
            #expect(found[0].recurrenceOf == nil)
            #expect(found[1].windows.map(\.value) == [20] && found[1].points.first?.count == 48, "\(found[1])")
            // It lasts on where the short one, which began after it, is over: what comes late there is its evidence too.
            try works.record(Self.readings(158...158) { _ in 5 })
            #expect(try works.nonconformities().map { $0.points.first?.count } == [found[0].points.first?.count, 49])
            try works.store.close()
        }
    }

    @Test("a point that was renamed since keeps the name under which it was judged")
    func nameOfItsTime() throws {
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, Self.configuration("0"))
            try works.record(Self.readings(0...130) { _ in 20 }.filter { $0.1 != Self.start + 30 * 60_000 })
            #expect(try Self.evidence(works).point == "m.d")
            try works.change(Self.configuration("0", meter: "w", ", was: m"))
            let late = Self.readings(30...30, meter: "w") { _ in 20 }
            try works.record(late + Self.readings(135...400, meter: "w") { $0 < 180 ? 20 : 2 })
            let point = try Self.evidence(works)
            #expect(point.point == "m.d" && point.count == 48, "\(point)")
            try works.store.close()
        }
    }
}
