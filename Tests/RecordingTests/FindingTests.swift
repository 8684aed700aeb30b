import Conformity
import Metering
import Testing

@testable import PlantAPI
@testable import Recording

@Suite("What a person found is a nonconformity like any other")
struct FindingTests {
    private static let start = Instant(milliseconds: 1_780_293_600_000)
    private static let plant = """
        site: {name: Test works, timezone: Europe/Stockholm}
        meters:
          m: {interval: 1m, area: hall, points: {p: {kind: gauge, unit: kW, max_gap: 5m}}}
        indicators:
          level: {window: 15m, formula: mean(m.p), unit: kW}
        objectives:
          limit: {indicator: level, max: 60, severity: major}
        """

    private func raise(_ works: WorksWithLimit, ongoing: Bool = false) throws -> String {
        let finding = RaisedFinding(
            title: "Oil in the yard", source: .spill, reference: "Emergency plan 4", responsible: "Works manager",
            area: "hall")
        return try works.recorder.raise(
            finding, .critical, since: works.now - 3_600_000, until: ongoing ? nil : works.now,
            LifecycleStep(.raise, by: "anna", at: works.now, text: "about 20 l of hydraulic oil"), now: works.now)
    }

    @Test("it has a number of the same row, an alert, journal lines and the whole life; killed in between it goes on")
    func life() throws {
        let works = try WorksWithLimit(Self.plant, at: Self.start)
        works.isKilledEachTime = true
        try works.read([80], minutes: 31)
        let id = try raise(works, ongoing: true)
        #expect(id == "NC-2026-0002")
        let found = try #require(try works.store.read { try $0.nonconformity(id) })
        #expect(found.kind == .finding && found.condition == .ongoing && found.severity == .critical)
        #expect(found.objectiveName == "spill" && found.responsible == "Works manager")
        #expect(found.onset == works.now - 3_600_000)
        #expect(try works.store.read { try $0.evidenceFaults(of: found, journal: true) }.isEmpty)
        #expect(
            try works.alerts(["id", "severity", "title"]).suffix(1) == [
                "nonconformity_raised \(id) critical Oil in the yard"
            ])
        #expect(try works.journal("nc.opened").last?.contains(#""kind":"finding""#) == true)
        try works.take(.acknowledge, of: id, "absorbent spread")
        try works.take(.cause, of: id, "hose burst") { $0.category = .equipment }
        try works.take(.action, of: id, "hoses by age") {
            $0.owner = "carl"
            $0.due = "2026-07-01"
        }
        try works.take(.done, of: id, by: "carl", "list made") { $0.action = 1 }
        let lasting = try #require(works.refusal(.verify, of: id, by: "eva"))
        #expect(lasting.message.contains("still ongoing"))
        try works.take(.clear, of: id, "yard cleaned")
        #expect(try works.store.read { try $0.nonconformity(id) }?.clearedAt == works.now)
        #expect(works.refusal(.clear, of: id)?.message.contains("has ended already") == true)
        try works.take(.verify, of: id, by: "eva", "no hose over age")
        try works.take(.close, of: id, by: "eva")
        #expect(try works.life(id).state == .closed)
        // Another one at the same time is another one.
        #expect(try raise(works) == "NC-2026-0003")
        #expect(try raise(works) == "NC-2026-0004")
    }

    @Test("of an objective that is not there any more, and of findings, the record opens and judges on")
    func opensAgain() throws {
        let works = try WorksWithLimit(Self.plant, at: Self.start)
        _ = try raise(works)
        try works.kill()
        try works.read([80], minutes: 31)
        try works.read([50], minutes: 31)
        #expect(try works.store.read { try $0.nonconformities() }.map(\.id) == ["NC-2026-0001", "NC-2026-0002"])
        #expect(try works.store.read { try $0.damagedEvidence() }.isEmpty)
    }
}
