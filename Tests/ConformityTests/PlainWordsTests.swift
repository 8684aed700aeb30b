import Indicators
import Metering
import Testing

@testable import Conformity

@Suite("Plain words and alert lines")
struct PlainWordsTests {
    private func words(
        _ requirement: Requirement, raiseAfter: Int = 1, unit: String? = "mg/m3", window: String = "30m"
    ) throws -> PlainWords {
        var definition = objective(requirement, raiseAfter: raiseAfter)
        definition.reference = "Permit M 2024-117, condition 3"
        definition.responsible = "Environmental manager"
        return PlainWords(
            definition, indicator: indicator(unit: unit, rule: try rule(window)), calendar: try calendar())
    }

    private func episode(peak: Double, limit: Double, cleared: String? = nil) throws -> Episode {
        Episode(
            objective: 0, onset: try instant("2026-11-22T08:00:00Z"), raisedAt: try instant("2026-11-22T08:30:00Z"),
            clearedAt: try cleared.map { try instant($0) }, peak: peak, limit: limit)
    }

    private let maximum = Requirement.limits(max: 200, min: nil, warn: 180, allowance: nil)

    @Test("a raised nonconformity says what, how bad, since when, by which rule, and who answers for it")
    func raised() throws {
        let words = try words(maximum)
        #expect(
            words.raised(try episode(peak: 231.4, limit: 200))
                == "NOx below the permit limit: 231.4 mg/m3 over the limit 200 (by 15.7 %)"
                + " from 2026-11-22 09:00 to 09:30; Permit M 2024-117, condition 3; Environmental manager")
    }

    @Test("each kind of objective has its own words")
    func kinds() throws {
        let day = try rule("1d")
        let found = try [
            words(.limits(max: nil, min: 50, warn: nil, allowance: nil), unit: nil).raised(
                episode(peak: 40, limit: 50)),
            words(.limits(max: 200, min: nil, warn: nil, allowance: Allowance(amount: .count(3), per: day)))
                .raised(episode(peak: 231.456789, limit: 200)),
            words(.budget(1000, per: rule("1mo")), unit: "kWh").raised(episode(peak: 1004.5, limit: 1000)),
            words(.reduction(ExactFraction(5, 100), .value(12_000)), unit: "kWh").raised(
                episode(peak: 11_520, limit: 11_400)),
            words(.available(ExactFraction(95, 100), per: day)).raised(episode(peak: 0.9375, limit: 0.95)),
            words(.missing(10, per: rule("1y")), window: "1d").raised(episode(peak: 11, limit: 10)),
        ].map { $0.dropFirst("NOx below the permit limit: ".count).prefix { $0 != ";" } }
        #expect(
            found == [
                "40 under the limit 50 (by 20 %) from 2026-11-22 09:00 to 09:30",
                "231.457 mg/m3 over the limit 200 (by 15.73 %), more often than 3 times a day"
                    + " from 2026-11-22 09:00 to 09:30",
                "1004.5 kWh used of the budget of 1000 for the month from 2026-11-22 09:00 to 09:30",
                "11520 kWh over the target 11400 (by 1.05 %), 5 % below the baseline from 2026-11-22 09:00 to 09:30",
                "only 93.75 % of the day can still be measured, 95 % is required from 2026-11-22 09:00 to 09:30",
                "11 windows without a valid value in the year, 10 may be lost from 2026-11-22 09:00 to 09:30",
            ])
    }

    @Test("a value just past its limit is told with all its digits")
    func closeToLimit() throws {
        let words = try words(maximum)
        #expect(words.finding(200.000_3, 200) == "200.0003 mg/m3 over the limit 200")
        #expect(words.finding(200.000_000_5, 200) == "200.0000005 mg/m3 over the limit 200")
        #expect(words.finding(nil, 200) == "no value")
    }

    /// A nonconformity of three half-hours: not met, nothing measured, and, hours later, met.
    private func nonconformity(on limit: Double, by value: Double) throws -> Nonconformity {
        let episode = try episode(peak: 231.4, limit: limit, cleared: "2026-11-22T23:30:00Z")
        func window(_ start: String, _ verdict: String, _ value: Double?, _ limit: Double) throws -> EvidenceWindow {
            let start = try instant(start).milliseconds
            return EvidenceWindow(
                start: start, end: start + 1_800_000, verdict: verdict, value: value, limit: limit, coverage: 1,
                status: "valid")
        }
        return Nonconformity(
            id: "NC-2026-0001", objective: "nox", severity: .major, condition: .cleared, onset: episode.onset,
            raisedAt: episode.raisedAt, clearedAt: episode.clearedAt, peak: episode.peak, limit: episode.limit,
            unit: "mg/m3", definition: "{}", configurationDigest: "",
            windows: [
                try window("2026-11-22T08:00:00Z", "not_met", 231.4, limit),
                try window("2026-11-22T08:30:00Z", "not_evaluable", nil, limit),
                try window("2026-11-22T23:00:00Z", "met", value, 200),
            ])
    }

    @Test("a cleared episode says by which value and limit, how long it was not met, how long it took, and how bad")
    func cleared() throws {
        let words = try words(maximum)
        let found = try nonconformity(on: 200, by: 150)
        #expect(found.timeNotMet == 1_800_000)
        #expect(found.timeUntilCleared == 55_800_000)
        #expect(
            words.cleared(found)
                == "NOx below the permit limit: met again with 150 mg/m3, the limit is 200; not met for 30 min in all,"
                + " cleared 15 h 30 min after it began (from 2026-11-22 09:00 to 2026-11-23 00:30), at worst"
                + " 231.4 mg/m3 over the limit 200 (by 15.7 %)")
        #expect(
            words.cleared(try nonconformity(on: 100, by: 150)).contains(
                "met again with 150 mg/m3, the limit is 200 now, it was raised on the limit 100; not met"))
        #expect(words.appended(try episode(peak: 231.4, limit: 200)).contains("still not met since 2026-11-22 09:00"))
    }

    @Test("a warning says how near the limit is")
    func warning() throws {
        let window = Window(start: try instant("2026-11-22T08:00:00Z"), end: try instant("2026-11-22T08:30:00Z"))
        let judged = JudgedWindow(objective: 0, window: window, verdict: .warning, value: 190.5, limit: 200)
        #expect(
            try words(maximum).warning(judged)
                == "NOx below the permit limit: 190.5 mg/m3 above the warning level 180 from 2026-11-22 09:00 to 09:30;"
                + " the limit is 200")
        let spent = JudgedWindow(objective: 0, window: window, verdict: .warning, value: 8030, limit: 36_500)
        #expect(
            try words(.budget(36_500, per: rule("1y")), unit: "kWh").warning(spent)
                == "NOx below the permit limit: 8030 kWh used by 2026-11-22 09:30; at this rate the budget of 36500 kWh"
                + " for the year will not do")
    }

    @Test(
        "numbers in sentences have six digits at most, whole ones all",
        arguments: [
            (231.4, "231.4"), (1_234_567.0, "1234567"), (1_234_567.891, "1234568"), (0.001_234_567_8, "0.00123457"),
            (99.999_999, "100"), (-3.141_592_65, "-3.14159"), (0, "0"), (5e-9, "5e-09"), (123_456.7, "123457"),
        ])
    func numbers(number: Double, text: String) { #expect(CalendarWords.number(number) == text) }

    @Test(
        "lengths of time are told in their two largest parts",
        arguments: [
            (0, "0 s"), (999, "999 ms"), (45_000, "45 s"), (5_400_000, "1 h 30 min"), (3_600_000, "1 h"),
            (90_061_000, "1 d 1 h"), (86_460_000, "1 d"),
        ])
    func durations(milliseconds: Int64, text: String) { #expect(CalendarWords.duration(milliseconds) == text) }

    @Test("an alert line has the keys of the contract in their order, and each file's own number in front")
    func json() throws {
        let words = try words(maximum)
        let episode = try episode(peak: 231.4, limit: 200)
        let nonconformity = Nonconformity(
            episode, id: NonconformityNumber(year: 2026, number: 3), objective: words.objective, unit: words.unit,
            configurationDigest: "")
        let line = AlertLine(
            time: try instant("2026-11-22T08:30:02.5Z"), event: .nonconformityRaised, site: "Borås works",
            severity: .major,
            subject: AlertLine.ObjectiveFacts(
                id: nonconformity.id, objective: nonconformity.objective, title: words.objective.title,
                indicator: words.indicator.name, window: Window(start: episode.onset, end: episode.raisedAt),
                value: nonconformity.peak, limit: nonconformity.limit, unit: nonconformity.unit),
            message: words.raised(episode), journal: "ab")
        #expect(
            AlertLine.numbered(line.json, sequence: 12)
                == #"{"seq":12,"time":"2026-11-22T08:30:02.500Z","event":"nonconformity_raised","site":"Borås works","#
                + #""id":"NC-2026-0003","objective":"nox_permit","title":"NOx below the permit limit","severity":"major","#
                + #""indicator":"nox","start":"2026-11-22T08:00:00Z","end":"2026-11-22T08:30:00Z","value":231.4,"#
                + #""limit":200,"unit":"mg/m3","message":"\#(line.message)","journal":"ab"}"#)
        #expect(
            line.text(in: try calendar())
                == "2026-11-22T09:30:02.500+01:00 major NC-2026-0003 \(words.raised(episode))")
    }

    @Test("a line about the plant has no keys of an objective, and a message never breaks its line")
    func plantLine() throws {
        let line = AlertLine(
            time: try instant("2026-11-22T08:30:00Z"), event: .meterLost, site: "S", severity: .warning,
            details: [.init("meter", .text("incomer"))], message: "incomer: no answer\nsince 09:29", journal: "ab")
        #expect(
            line.json
                == #"{"time":"2026-11-22T08:30:00Z","event":"meter_lost","site":"S","severity":"warning","#
                + #""meter":"incomer","message":"incomer: no answer\nsince 09:29","journal":"ab"}"#)
        #expect(
            line.text(in: try calendar())
                == #"2026-11-22T09:30:00+01:00 warning - incomer: no answer\nsince 09:29"#)
    }

    @Test("severities are ordered from info to critical")
    func severities() {
        #expect(AlertSeverity.allCases.sorted() == [.info, .warning, .minor, .major, .critical])
        #expect(Severity.allCases.map { AlertSeverity($0) } == [.minor, .major, .critical])
    }

    @Test("what is required is told for each kind of objective")
    func requirements() throws {
        let year = try rule("1y")
        #expect(
            try words(.limits(max: 20, min: 10, warn: nil, allowance: nil), raiseAfter: 3).requirement
                == "nox from 10 to 20 mg/m3 in each window (30 min), not 3 windows in a row otherwise")
        let share = Allowance(amount: .share(ExactFraction(3, 100), of: .evaluable), per: year)
        #expect(
            try words(.limits(max: 20, min: nil, warn: nil, allowance: share)).requirement
                == "nox at most 20 mg/m3 in each window (30 min), exceeded at most in 3 % of the evaluable windows of a year"
        )
        let ofCalendar = Allowance(amount: .share(ExactFraction(3, 100), of: .calendar), per: year)
        #expect(
            try words(.limits(max: 20, min: nil, warn: nil, allowance: ofCalendar)).requirement
                == "nox at most 20 mg/m3 in each window (30 min), exceeded at most in 3 % of the windows of a year")
        #expect(
            try words(.missing(10, per: year), window: "1d").requirement
                == "nox: at most 10 windows (day) lost in a year")
        #expect(
            try words(.budget(500, per: year), unit: "MWh", window: "1d").requirement
                == "nox at most 500 MWh in a year (sum of windows: day)")
        #expect(
            try words(.available(ExactFraction(95, 100), per: year)).requirement
                == "nox measured for at least 95 % of each year")
        #expect(
            try words(.reduction(ExactFraction(5, 100), .value(12_000)), unit: "kWh").requirement
                == "nox at least 5 % below the baseline 12000 kWh")
    }
}
