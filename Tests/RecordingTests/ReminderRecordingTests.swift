import Conformity
import Metering
import Testing

@testable import PlantAPI
@testable import Recording

@Suite("People are reminded of what they have to do with a nonconformity")
struct ReminderRecordingTests {
    private static let day: Int64 = 86_400_000
    private static let plant = """
        site: {name: Test works, timezone: Europe/Stockholm}
        deadlines: {escalate_to: Works manager}
        meters:
          m: {interval: 1m, points: {p: {kind: gauge, unit: kW, max_gap: 5m}}}
        indicators:
          level: {window: 15m, formula: mean(m.p), unit: kW}
        objectives:
          limit: {indicator: level, max: 60, severity: major, responsible: Energy manager}
        """

    private func works() throws -> WorksWithLimit {
        let works = try WorksWithLimit(Self.plant, at: Instant(milliseconds: 1_780_300_800_000))
        try works.read([80], minutes: 31)
        try works.read([50], minutes: 31)
        return works
    }

    private func isReminder(_ event: String) -> Bool {
        ["nonconformity_due_soon", "nonconformity_due", "nonconformity_overdue"].contains(event)
    }

    @Test("each stage once, with a kill before every look, escalated at the second overdue", arguments: [false, true])
    func once(killed: Bool) throws {
        let works = try works()
        works.isKilledEachTime = killed
        try works.pass(4 * Self.day, strides: 96)
        let said = try works.alerts(["what", "reminder", "severity"], of: isReminder)
        #expect(
            said == [
                "nonconformity_due_soon acknowledge 1 info", "nonconformity_due acknowledge 2 warning",
                "nonconformity_overdue acknowledge 3 major", "nonconformity_overdue acknowledge 4 major",
                "nonconformity_overdue acknowledge 5 major",
            ])
        let told = try works.alerts(["escalated_to"], of: { $0 == "nonconformity_overdue" })
        #expect(told.map { $0.contains("Works manager") } == [false, true, true])
        #expect(try works.journal("nc.overdue").count == 3)
        #expect(try works.journal("nc.overdue").allSatisfy { $0.contains(#""owner":"Energy manager""#) })
        // Somebody answered: what follows is due next.
        try works.take(.acknowledge)
        try works.pass(2 * Self.day, strides: 48)
        #expect(
            try works.alerts(["what", "reminder"], of: isReminder).dropFirst(5) == [
                "nonconformity_due_soon cause 1"
            ])
    }

    @Test(
        "on hold nobody is reminded; when it is over what is overdue is said once, and journal and story have the reason"
    )
    func hold() throws {
        let works = try works()
        let noUntil = try #require(works.refusal(.hold, "waiting for the part"))
        #expect(noUntil.status == .badInput)
        let end = works.now + 10 * Self.day
        try works.take(.hold, "waiting for the part") { $0.instant = end.milliseconds }
        #expect(try works.journal("nc.hold").first?.contains(#""until":"2026-06-11"#) == true)
        try works.pass(9 * Self.day, strides: 200)
        #expect(try works.alerts(of: isReminder).isEmpty)
        try works.pass(2 * Self.day, strides: 48)
        #expect(
            try works.alerts(["what", "reminder"], of: isReminder) == ["nonconformity_overdue acknowledge 9"])
        try works.take(.hold, "again") { $0.instant = (works.now + 10 * Self.day).milliseconds }
        try works.take(.resume, "the part is here")
        try works.pass(5 * Self.day, strides: 120)
        #expect(
            try works.alerts(["what", "reminder"], of: isReminder).dropFirst() == [
                "nonconformity_overdue acknowledge 10"
            ])
    }

    @Test("another owner or day of an action ends its reminders and starts them anew")
    func amended() throws {
        let works = try works()
        try works.take(.acknowledge)
        try works.take(.cause) { $0.category = .equipment }
        try works.take(.action) {
            $0.owner = "carl"
            $0.due = "2026-06-05"
        }
        let isOfAction = { (line: String) in line.contains("action 1") }
        try works.pass(5 * Self.day, strides: 120)
        #expect(
            try works.alerts(["what", "owner", "due"], of: isReminder).filter(isOfAction) == [
                "nonconformity_due_soon action 1 carl 2026-06-04T22:00:00Z",
                "nonconformity_due action 1 carl 2026-06-04T22:00:00Z",
                "nonconformity_overdue action 1 carl 2026-06-04T22:00:00Z",
            ])
        try works.take(.amend, "carl is ill") {
            $0.action = 1
            $0.owner = "eva"
            $0.due = "2026-06-20"
        }
        try works.pass(8 * Self.day, strides: 200)
        #expect(try works.alerts(["what"], of: isReminder).filter(isOfAction).count == 3)
        try works.pass(6 * Self.day, strides: 200)
        #expect(
            try works.alerts(["what", "owner"], of: isReminder).filter(isOfAction).suffix(2) == [
                "nonconformity_due_soon action 1 eva", "nonconformity_due action 1 eva",
            ])
        // A new start of a configuration changes nothing of that.
        try works.kill()
        try works.pass(60_000)
        #expect(try works.alerts(["what", "owner"], of: isReminder).filter(isOfAction).count == 5)
    }

    @Test("a replay has no people, so nobody is reminded")
    func replay() throws {
        let works = try works()
        let replay = Recorder(store: works.store, plant: works.plant, isLive: false)
        try replay.start()
        try replay.remind(now: works.now + 400 * Self.day)
        #expect(try works.alerts(of: isReminder).isEmpty)
        let before = try works.store.read { try $0.nonconformities() }.count
        try replay.record((0..<60).map { Reading(0, works.now + $0 * 60_000, 80) })
        #expect(try works.store.read { try $0.nonconformities() }.count == before + 1)
        #expect(replay.attention.changed.isEmpty)
    }
}
