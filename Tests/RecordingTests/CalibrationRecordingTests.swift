import Conformity
import Indicators
import ManagementSystem
import Metering
import PlantConfiguration
import RecordKeeping
import Storage
import TestKit
import Testing

@testable import PlantAPI
@testable import Recording

@Suite("Checks of meters are on record, and what they put in doubt is known")
struct CalibrationRecordingTests {
    private static let day: Int64 = 86_400_000
    private static let plant = """
        site: {name: Test works, timezone: Europe/Stockholm}
        meters:
          m: {interval: 1m, calibrated: 1y, points: {p: {kind: gauge, unit: kW, max_gap: 5m}}}
          n: {interval: 1m, points: {q: {kind: gauge, unit: kW, max_gap: 5m}}}
        derived:
          m.twice: {formula: 2 * m.p, unit: kW}
        indicators:
          level: {window: 15m, formula: mean(m.twice), unit: kW}
          hour: {window: 1h, formula: mean(level), unit: kW}
          other: {window: 15m, formula: mean(n.q), unit: kW}
        objectives:
          limit: {indicator: level, max: 600}
          calm: {indicator: other, max: 600}
        """

    private func works() throws -> WorksWithLimit {
        let works = try WorksWithLimit(Self.plant, at: Instant(milliseconds: 1_780_300_800_000))
        try works.read([80, 5], minutes: 121)
        return works
    }

    private func check(
        _ found: CalibrationRecord.Found, _ date: Instant, due: Instant? = nil, meter: String = "m"
    ) -> CalibrationRecord {
        CalibrationRecord(
            meter: meter, date: date, due: due, certificate: "c.pdf", digest: nil, asFound: found, by: "anna", at: date)
    }

    @Test("a calibration that is due is told once, with a kill before every look", arguments: [false, true])
    func due(killed: Bool) throws {
        let works = try works()
        works.isKilledEachTime = killed
        let start = works.now
        _ = try works.recorder.keep(check(.pass, start - 1000, due: start + 3 * Self.day), now: start)
        try works.pass(2 * Self.day, strides: 24)
        #expect(try works.alerts(of: { $0 == "calibration_due" }).isEmpty)
        try works.pass(4 * Self.day, strides: 48)
        #expect(
            try works.alerts(["meter", "severity"], of: { $0 == "calibration_due" }) == ["calibration_due m warning"])
        #expect(try works.journal("calibration.due").count == 1)
        // The next check has a day of its own.
        _ = try works.recorder.keep(check(.pass, works.now - 1000, due: works.now + Self.day), now: works.now)
        try works.pass(3 * Self.day, strides: 36)
        #expect(try works.alerts(of: { $0 == "calibration_due" }).count == 2)
    }

    @Test("a failed check marks what rests on its meter since the last good one, and raises one data nonconformity")
    func failed() throws {
        let works = try works()
        let start = works.now - 121 * 60_000
        _ = try works.recorder.keep(check(.pass, start + 30 * 60_000), now: works.now)
        let found = try works.recorder.keep(check(.fail, start + 60 * 60_000), now: works.now)
        #expect(found.stretch == Window(start: start + 30 * 60_000, end: start + 60 * 60_000))
        #expect(found.windows.map(\.indicator) == ["level", "hour"] && found.windows.map(\.count) == [2, 1])
        #expect(found.verdicts.map(\.objective) == ["limit"] && found.verdicts.map(\.count) == [2])
        #expect(found.nonconformity == "NC-2026-0001")
        let raised = try #require(try works.store.read { try $0.nonconformity("NC-2026-0001") })
        #expect(
            raised.kind == .data && raised.failedCheck == "m"
                && raised.title == "Readings of m since its last good check")
        #expect(
            try works.alerts(["meter", "severity"], of: { $0 == "calibration_failed" }) == [
                "calibration_failed m major"
            ])
        // The same again is the same, and a second failed check raises what is not followed yet.
        #expect(
            try works.recorder.keep(check(.fail, start + 60 * 60_000), now: works.now).nonconformity == "NC-2026-0001")
        let second = try works.recorder.keep(check(.fail, start + 90 * 60_000), now: works.now)
        #expect(second.nonconformity == "NC-2026-0002" && second.stretch?.start == start + 30 * 60_000)
        let later = try #require(try works.store.read { try $0.nonconformity("NC-2026-0002") })
        #expect(later.onset == start + 60 * 60_000)
        try works.kill()
        let plan = works.plant.plan
        let suspect = try works.store.read { try SuspectWindows(plan, $0, now: works.now) }
        let quarter = Window(start: start + 30 * 60_000, end: start + 45 * 60_000)
        #expect(suspect.contains(quarter, of: "level") && !suspect.contains(quarter, of: "other"))
        #expect(!suspect.contains(Window(start: start, end: start + 30 * 60_000), of: "level"))
    }

    @Test("a drift chart puts its own point in doubt and raises nothing")
    func drift() throws {
        let works = try works()
        let start = works.now - 121 * 60_000
        func read(_ minute: Int64, _ span: Double) throws -> (DriftHistory.Entry?, CalibrationConsequence) {
            try works.recorder.keep(
                DriftReading(
                    point: "m.p", time: start + minute * 60_000, zero: 0, span: span, deviation: 1, by: "anna"),
                now: works.now)
        }
        #expect(try read(30, 0.2).0?.isInOrder == true)
        let (entry, consequence) = try read(60, 4)
        #expect(entry?.isInOrder == false && consequence.windows.map(\.count) == [2, 1])
        #expect(consequence.nonconformity == nil)
        #expect(try works.alerts(["point"], of: { $0 == "calibration_failed" }) == ["calibration_failed m.p"])
        #expect(try works.journal("drift.read").count == 2)
    }

    @Test(
        "a second signal within six readings raises, over what both put in doubt, unless a passed check lies between",
        arguments: [1, 6, 7], [false, true])
    func repeatedDrift(_ later: Int, _ checked: Bool) throws {
        let works = try works()
        let start = works.now - 121 * 60_000
        func read(_ minute: Int, _ span: Double) throws -> CalibrationConsequence {
            try works.recorder.keep(
                DriftReading(
                    point: "m.p", time: start + Int64(minute) * 60_000, zero: 0, span: span, deviation: 1, by: "anna"),
                now: works.now
            ).1
        }
        _ = try read(10, 0.1)
        #expect(try read(20, 4).nonconformity == nil)
        if checked { _ = try works.recorder.keep(check(.pass, start + 21 * 60_000), now: works.now) }
        for number in 1..<later { #expect(try read(20 + 5 * number, 0).stretch == nil) }
        let second = try read(20 + 5 * later, 4)
        let isRaised = later <= 6 && !checked
        #expect(second.nonconformity == (isRaised ? "NC-2026-0001" : nil))
        let severities = try works.alerts(["severity"], of: { $0 == "calibration_failed" })
        #expect(severities.last == "calibration_failed \(isRaised ? "major" : "warning")")
        guard isRaised else { return }
        let found = try #require(try works.store.read { try $0.nonconformity("NC-2026-0001") })
        #expect(found.kind == .data && found.failedCheck == "m.p" && found.onset == start + 10 * 60_000)
        #expect(found.clearedAt == second.stretch?.end)
        // Entered once more it is the same.
        #expect(try read(20 + 5 * later, 4).nonconformity == "NC-2026-0001")
    }

    @Test("what was counted before the check is kept stands, unless something else was entered meanwhile")
    func counted() throws {
        let works = try works()
        let start = works.now - 121 * 60_000
        let failed = check(.fail, start + 60 * 60_000)
        let plant = works.plant
        let before = try works.store.read { try CheckConsequences(plant, $0, now: works.now).found(of: failed) }
        #expect(before.windows.map(\.count) == [4, 1] && before.verdicts.map(\.count) == [4])
        _ = try works.recorder.keep(check(.pass, start + 30 * 60_000), now: works.now)
        let found = try works.recorder.keep(failed, counted: before, now: works.now)
        #expect(found.windows.map(\.count) == [2, 1] && found.verdicts.map(\.count) == [2])
    }

    @Test("a calibration function changes the value from its date on, and a week outside its range is told once")
    func function() throws {
        // From a Monday, 1 June 2026, 00:00 in Stockholm; the function holds from noon.
        let monday = Instant(milliseconds: 1_780_264_800_000)
        let works = try WorksWithLimit(
            """
            site: {name: Test works, timezone: Europe/Stockholm}
            meters:
              m: {interval: 1m, points: {p: {kind: gauge, unit: mg/m3, max_gap: 5m}}}
            indicators:
              nox:
                window: 1h
                formula: mean(m.p)
                unit: mg/m3
                calibration: {a: 1.2, b: 1.05, valid: [0, 150], from: 2026-06-01T10:00:00Z}
            """, at: monday)
        works.isKilledEachTime = true
        try works.read([95], minutes: 14 * 60)
        try works.read([200], minutes: 3 * 60 + 1)
        var values: [Double] = []
        try works.store.read { reader in try reader.values(0) { values.append($0.value ?? -1) } }
        #expect(values.prefix(12).allSatisfy { $0 == 95 } && abs(values[12] - 100.95) < 1e-12)
        #expect(abs(values[14] - 211.2) < 1e-12)
        try works.pass(14 * Self.day, strides: 56)
        #expect(
            try works.alerts(["indicator", "outside", "windows"], of: { $0 == "calibration_range" }) == [
                "calibration_range nox 3 5"
            ])
    }
}
