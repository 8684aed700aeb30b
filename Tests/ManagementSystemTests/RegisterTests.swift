import ManagementSystem
import Metering
import Testing

@Suite("The register of the management system")
struct RegisterTests {
    @Test("each gap is named once, and a whole register has none")
    func holes() throws {
        var register = EnvironmentalRegister()
        let today = try #require(CivilDate(year: 2026, month: 6, day: 1))
        register.duties = [duty()]
        #expect(register.holes(on: today).isEmpty, "without a register nothing is missed")
        register.aspects = [
            .init(name: "air", title: nil, isSignificant: true, situation: .normal, indicators: []),
            .init(name: "noise", title: nil, isSignificant: false, situation: .normal, indicators: []),
            .init(name: "spill", title: nil, isSignificant: true, situation: .emergency, indicators: ["level"]),
        ]
        register.obligations = [
            .init(name: "permit", title: nil, reference: "M 1", review: CivilDate(year: 2026, month: 5, day: 31))
        ]
        register.instruments = [.init(name: "stack", title: nil, calibrated: nil)]
        let holes = register.holes(on: today)
        #expect(
            holes.map { "\($0.section.rawValue) \($0.name)" } == [
                "policy policy", "aspects air", "obligations permit", "obligations permit", "objectives nox",
                "objectives nox", "objectives nox",
            ])
        #expect(holes[3].message == "the obligation 'permit' was to be reviewed by 2026-05-31")
        register.policy = .init(text: "Less each year", approvedBy: "anna", review: today)
        register.obligations[0].review = nil
        register.instruments[0].calibrated = CalendarLength("1y")
        register.duties = [duty(responsible: "carl", aspect: "air", obligation: "permit", plan: "new burner")]
        #expect(register.holes(on: today).isEmpty)
    }

    @Test("a meter that is to be calibrated and never was is a gap, one that nobody has to calibrate is none")
    func neverCalibrated() throws {
        var register = EnvironmentalRegister()
        register.instruments = [
            .init(name: "stack", title: nil, calibrated: CalendarLength("1y")),
            .init(name: "gas", title: nil, calibrated: nil),
        ]
        let calendar = try #require(SiteCalendar(identifier: "Europe/Stockholm"))
        let holes = register.holes(of: [], at: Instant(milliseconds: 0), in: calendar)
        #expect(holes.map(\.name) == ["stack"])
    }

    @Test("the tree goes from aspect and obligation to objective, indicator and meter, each objective in whole once")
    func tree() throws {
        var register = EnvironmentalRegister()
        register.policy = .init(text: "Less each year", approvedBy: nil, review: nil)
        register.aspects = [
            .init(name: "air", title: "Emissions", isSignificant: true, situation: .normal, indicators: [])
        ]
        register.obligations = [.init(name: "permit", title: nil, reference: "M 1", review: nil)]
        register.instruments = [.init(name: "stack", title: "Analyser", calibrated: CalendarLength("1y"))]
        register.duties = [duty(responsible: "carl", aspect: "air", obligation: "permit", plan: "new burner")]
        let calendar = try #require(SiteCalendar(identifier: "Europe/Stockholm"))
        let now = Instant(milliseconds: 1_780_300_800_000)
        let checks = [
            CalibrationRecord(
                meter: "stack", date: now - 400 * 86_400_000, due: now - 35 * 86_400_000, certificate: nil, digest: nil,
                asFound: .pass, by: "anna", at: now)
        ]
        let holes = register.holes(on: calendar.date(now)) + register.holes(of: checks, at: now, in: calendar)
        let lines = RegisterTree(register, holes: holes, checks: checks, in: calendar).lines.map {
            String(repeating: " ", count: $0.depth) + "\($0.kind) \($0.name)" + ($0.detail.map { ": \($0)" } ?? "")
                + ($0.gap.map { " ! \($0)" } ?? "")
        }
        #expect(
            lines == [
                "policy policy", "aspect air: significant; normal", " objective nox: carl; plan: new burner",
                "  indicator nox_hour",
                "   meter stack: calibrated every 1y; last 2025-04-27 (pass); due 2026-04-27 ! the calibration of 'stack' was due on 2026-04-27",
                "obligation permit: M 1",
                " objective nox: carl; plan: new burner",
            ])
    }

    @Test("a failed check puts in doubt what was measured since the last good one of that meter")
    func doubtful() {
        func check(_ meter: String, _ day: Int64, _ found: CalibrationRecord.Found) -> CalibrationRecord {
            CalibrationRecord(
                meter: meter, date: Instant(milliseconds: day * 86_400_000), due: nil, certificate: nil, digest: nil,
                asFound: found, by: "anna", at: Instant(milliseconds: day * 86_400_000))
        }
        let records = [
            check("a", 10, .fail), check("a", 20, .pass), check("a", 30, .pass), check("a", 40, .fail),
            check("b", 35, .pass),
        ]
        let found = Doubt.all(of: records, [], since: Instant(milliseconds: 0)).map {
            [$0.stretch.start.milliseconds / 86_400_000, $0.stretch.end.milliseconds / 86_400_000]
        }
        #expect(found == [[0, 10], [30, 40]])
    }

    @Test(
        "a signal of a drift chart puts in doubt what the point measured since its last reading in order, or its meter's check"
    )
    func drifted() {
        func reading(_ day: Int64, _ span: Double) -> DriftReading {
            DriftReading(
                point: "a.nox", time: Instant(milliseconds: day * 86_400_000), zero: 0, span: 100 + span,
                spanReference: 100, deviation: 1, by: "anna")
        }
        let check = CalibrationRecord(
            meter: "a", date: Instant(milliseconds: 45 * 86_400_000), due: nil, certificate: nil, digest: nil,
            asFound: .pass, by: "anna", at: Instant(milliseconds: 45 * 86_400_000))
        let readings = [reading(10, 0), reading(20, 0.5), reading(30, 4), reading(40, 0), reading(50, 5)]
        let doubts = Doubt.all(of: [check], readings, since: Instant(milliseconds: 0))
        #expect(
            doubts.map { [$0.stretch.start.milliseconds / 86_400_000, $0.stretch.end.milliseconds / 86_400_000] } == [
                [20, 30], [45, 50],
            ])
        #expect(doubts.allSatisfy { $0.concerns(point: "a.nox") && !$0.concerns(point: "a.o2") })
    }

    private func duty(
        responsible: String? = nil, aspect: String? = nil, obligation: String? = nil, plan: String? = nil
    ) -> EnvironmentalRegister.Duty {
        EnvironmentalRegister.Duty(
            objective: "nox", title: nil, indicator: "nox_hour", responsible: responsible,
            aspects: [aspect].compactMap { $0 }, obligations: [obligation].compactMap { $0 },
            plan: plan.map {
                EnvironmentalRegister.Plan(what: $0, resources: nil, who: nil, when: nil, evaluated: nil)
            }, meters: ["stack"])
    }
}
