import Conformity
import Metering
import Testing

@testable import PlantAPI
@testable import Recording

/// One nonconformity from its raising to its closing, over every step that is refused, and what comes after it within the year.
///
/// It runs twice: once by a recorder that lives all the time, and once by one that is killed before everything that is done.
/// Both must leave the same journal, steps and alerts.
@Suite("A year of a nonconformity")
struct YearOfANonconformityTests {
    private static let day: Int64 = 86_400_000
    private static let plant = """
        site: {name: Test works, timezone: Europe/Stockholm}
        deadlines: {escalate_to: Works manager}
        meters:
          boiler: {interval: 1m, supplier: Acme, area: boiler house,
                   points: {nox: {kind: gauge, unit: mg/m3, max_gap: 5m}, load: {kind: gauge, unit: "%", max_gap: 5m}}}
          spare: {interval: 1m, supplier: Acme, area: boiler house,
                  points: {nox: {kind: gauge, unit: mg/m3, max_gap: 5m}}}
        indicators:
          nox: {window: 30m, formula: mean(boiler.nox), unit: mg/m3}
          spare_nox: {window: 30m, formula: mean(spare.nox), unit: mg/m3}
        objectives:
          permit: {title: NOx below the permit limit, indicator: nox, max: 200, severity: major,
                   reference: "Permit 12, condition 3", responsible: Environmental manager}
          spare_permit: {indicator: spare_nox, max: 200, for: 4, responsible: Environmental manager}
        """
    private static let first = "NC-2026-0001"

    /// All that a year leaves behind.
    private struct Trace: Equatable {
        var steps: [String]
        var alerts: [String]
        var journal: [String]
    }

    @Test("every refused step says why, every reminder comes once, and a kill between any two steps changes nothing")
    func year() throws {
        let whole = try Self.trace(killed: false)
        let killed = try Self.trace(killed: true)
        #expect(whole.steps == killed.steps)
        #expect(whole.alerts == killed.alerts)
        #expect(whole.journal == killed.journal)
    }

    private static func trace(killed: Bool) throws -> Trace {
        // The first of June, eight in the morning in Stockholm.
        let works = try WorksWithLimit(plant, at: Instant(milliseconds: 1_780_293_600_000))
        works.isKilledEachTime = killed
        try raise(works)
        try answer(works)
        try plan(works)
        try failByTelemetry(works)
        try close(works)
        try systemic(works)
        let steps = try works.store.read { reader in
            try ["NC-2026-0001", "NC-2026-0002", "NC-2026-0003"].flatMap { id in
                try reader.steps(of: id).map { "\(id) \($0.step) \($0.who) \($0.time)" }
            }
        }
        return Trace(
            steps: steps, alerts: try works.alerts(["id", "severity", "message"]),
            journal: try works.journal("nc.").map { $0.replacing(/"seq":\d+,/, with: "") })
    }

    private static func raise(_ works: WorksWithLimit) throws {
        try works.read([150, 80, 150], minutes: 60)
        try works.read([240, 80, 230], minutes: 60)
        try works.read([150, 80, 150], minutes: 60)
        #expect(try works.life().state == .open)
        // Nothing can be skipped, and who is refused is told what is next.
        let refused: [(LifecycleStep.Kind, String)] = [
            (.cause, "nc ack"), (.action, "nc ack"), (.done, "nc ack"), (.verify, "nc ack"), (.close, "nc ack"),
            (.amend, "nc ack"), (.extent, "nc ack"), (.reopen, "nc ack"),
        ]
        for (kind, next) in refused {
            let refusal = try #require(works.refusal(kind), "\(kind)")
            #expect(refusal.status == .badInput)
            #expect(refusal.message.contains(next), "\(refusal.message)")
        }
        let silent = try #require(works.refusal(.acknowledge, ""))
        #expect(silent.message.contains("what was done at once, or why nothing"))
        let cleared = try #require(works.refusal(.clear))
        #expect(cleared.message.contains("by what is measured"))
        try works.pass(2 * day, strides: 48)
        #expect(
            try works.alerts(["what", "reminder"], of: { $0.contains("due") }) == [
                "nonconformity_due_soon acknowledge 1", "nonconformity_due acknowledge 2",
                "nonconformity_overdue acknowledge 3",
            ])
    }

    private static func answer(_ works: WorksWithLimit) throws {
        try works.take(.contain, "burner at half load") { $0.instant = (works.now - day).milliseconds }
        try works.take(.acknowledge, "the shift was told")
        #expect(works.refusal(.cause)?.message.contains("where the cause lies") == true)
        let wrong = works.refusal(.cause) { ($0.category, $0.code) = (.equipment, .qualityAssurance) }
        #expect(wrong?.message.contains("--code is one of startup-shutdown, control-equipment") == true)
        try works.take(.cause, "recirculation valve sticks") {
            ($0.category, $0.code) = (.equipment, .controlEquipment)
        }
        #expect(works.refusal(.acknowledge)?.message.contains("next is: emsctl nc action") == true)
        // The spare boiler has the same supplier and the same indicator, and windows that were not met.
        let similar = try works.life().similar
        #expect(similar.map(\.objective) == ["spare_permit"])
        #expect(similar.first?.likeness == [.indicator, .supplier])
        #expect(similar.first?.windowsNotMet == 2)
        #expect(works.refusal(.extent) { $0.item = 2 }?.message.contains("they are 1 to 1") == true)
        try works.take(.extent, "the same valve, and it sticks too") {
            $0.item = 1
            $0.isAffected = true
        }
        #expect(try works.life().looked[1]?.isAffected == true)
    }

    private static func plan(_ works: WorksWithLimit) throws {
        #expect(works.refusal(.action, "do something")?.message.contains("--owner") == true)
        #expect(works.refusal(.action, "do something") { $0.owner = "carl" }?.message.contains("--due") == true)
        #expect(works.refusal(.action, "") { $0.isNoAction = true }?.message.contains("--none --reason") == true)
        let vague = works.refusal(.action, "do it") { ($0.owner, $0.due) = ("carl", "soon") }
        #expect(vague?.status == .badInput && vague?.message.contains("write --due as 2026-12-31") == true)
        let loose = works.refusal(.action, "do it") {
            ($0.owner, $0.due, $0.effectiveWhen) = ("carl", "2026-06-10", "when it is better")
        }
        #expect(loose?.message.contains("<indicator> <= <limit> for <n> windows") == true)
        try works.take(.action, "replace the actuator") {
            $0.owner = "carl"
            $0.due = "2026-06-10"
            $0.effectiveWhen = "nox <= 190 for 3 windows"
            $0.comparable = "boiler.load"
            $0.operating = 3_600_000
        }
        #expect(works.refusal(.hold)?.message.contains("--until") == true)
        let past = works.refusal(.hold) { $0.instant = (works.now - day).milliseconds }
        #expect(past?.message.contains("a hold ends later than now") == true)
        #expect(works.refusal(.resume)?.message.contains("not on hold") == true)
        #expect(works.refusal(.amend) { $0.action = 1 }?.message.contains("another --owner, another --due") == true)
        try works.take(.hold, "the part comes on the 20th") {
            $0.instant = Instant("2026-06-20T06:00:00Z")?.milliseconds
        }
        try works.pass(9 * day, strides: 216)
        #expect(try works.alerts(of: { $0.contains("due") }).count == 3, "silent on hold")
        try works.take(.amend, "the part is late") {
            $0.action = 1
            $0.due = "2026-06-22"
        }
        try works.take(.resume, "the part is here")
        try works.pass(12 * day, strides: 288)
        let said = try works.alerts(["what", "reminder"], of: { $0.contains("due") }).dropFirst(3)
        #expect(
            said == [
                "nonconformity_due_soon action 1 1", "nonconformity_due action 1 2", "nonconformity_overdue action 1 3",
                "nonconformity_overdue action 1 4",
            ], "\(said)")
        #expect(works.refusal(.done) { $0.action = 7 }?.status == .badInput)
        try works.take(.done, by: "carl", "actuator replaced") {
            $0.action = 1
            $0.evidence = [String(repeating: "ab", count: 32)]
            $0.files = ["delivery.pdf"]
        }
        #expect(try works.life().state == .verifying)
    }

    private static func failByTelemetry(_ works: WorksWithLimit) throws {
        // Standstill for a day, then a third of the load: neither proves anything.
        try works.read([0, 0, 0], minutes: 12 * 60)
        try works.read([100, 25, 100], minutes: 6 * 60)
        let early = try #require(works.refusal(.verify, by: "eva", "it looks good"))
        #expect(early.status == .badInput)
        #expect(early.message.contains("met for 0 of 3 windows"), "\(early.message)")
        #expect(early.message.contains("stood still or ran otherwise"), "\(early.message)")
        // A value over the criterion at another load fails nothing.
        try works.read([195, 20, 100], minutes: 60)
        #expect(try works.life().state == .verifying)
        try works.read([180, 78, 100], minutes: 60)
        #expect(works.refusal(.verify, by: "eva")?.message.contains("met for 1 of 3 windows") == true)
        // Under the limit, and not under the criterion: it did not hold.
        try works.read([195, 80, 100], minutes: 60)
        #expect(try works.life().state == .reopened)
        #expect(try works.life().reopenings == 1)
        #expect(try works.alerts(["id"], of: { $0 == "nonconformity_reopened" }) == ["nonconformity_reopened \(first)"])
    }

    private static func close(_ works: WorksWithLimit) throws {
        try works.take(.cause, "the new actuator has the wrong stroke") { $0.category = .material }
        try works.take(.action, "actuator of the right stroke") {
            $0.owner = "carl"
            $0.due = "2026-09-01"
            $0.effectiveWhen = "nox <= 190 for 3 windows"
            $0.comparable = "boiler.load"
            $0.operating = 3_600_000
        }
        try works.take(.action, "a spare one on the shelf") { ($0.owner, $0.due) = ("carl", "2026-09-01") }
        try works.take(.done, by: "carl", "mounted") { $0.action = 2 }
        #expect(works.refusal(.done, by: "carl") { $0.action = 2 }?.message.contains("is done already") == true)
        try works.take(.done, by: "carl", "bought") { $0.action = 3 }
        try works.read([150, 80, 100], minutes: 150)
        #expect(works.refusal(.close, by: "eva")?.message.contains("before its effect is verified") == true)
        let doer = try #require(works.refusal(.verify, by: "carl", "four windows below 190"))
        #expect(doer.status == .notPermitted)
        #expect(doer.message.contains("another operator must verify it"))
        #expect(works.refusal(.verify, by: "root", "four windows")?.status == .notPermitted)
        #expect(works.refusal(.verify, by: "eva", "")?.message.contains("how the effect shows") == true)
        try works.take(.verify, by: "eva", "four windows below 190 at 80 % load")
        #expect(works.refusal(.close, by: "carl")?.status == .notPermitted)
        try works.take(.close, by: "eva", "closed")
        #expect(try works.life().state == .closed)
        #expect(works.refusal(.acknowledge)?.message.contains("only a comment can be added") == true)
        let said = try works.alerts(of: { $0.contains("due") }).count
        try works.pass(60 * day, strides: 120)
        #expect(try works.alerts(of: { $0.contains("due") }).count == said, "what is closed is due no more")
    }

    /// Twice more within the year: the third needs a changed control.
    private static func systemic(_ works: WorksWithLimit) throws {
        for number in 2...3 {
            try works.read([240, 80, 100], minutes: 60)
            let id = "NC-2026-000\(number)"
            #expect(try works.life(id).isSystemic == (number == 3))
            try works.take(.acknowledge, of: id)
            try works.take(.cause, of: id) { $0.category = number == 2 ? .people : .procedure }
            try works.take(.action, of: id, "clean the nozzle") {
                $0.owner = "carl"
                $0.due = "2026-12-01"
            }
            try works.take(.done, of: id, by: "carl", "cleaned") { $0.action = 1 }
            let early = works.refusal(.verify, of: id, by: "eva")
            let why = number == 3 ? "needs a changed control" : "is still ongoing"
            #expect(early?.status == .badInput && early?.message.contains(why) == true, "\(early?.message ?? "")")
            try works.read([150, 80, 100], minutes: 60)
            if number == 2 {
                try works.take(.verify, of: id, by: "eva")
                try works.take(.close, of: id, by: "eva")
            }
        }
        let id = "NC-2026-0003"
        let alert = try works.alerts(["id", "severity", "message"], of: { $0 == "nonconformity_systemic" })
        #expect(alert.count == 1)
        #expect(alert.first?.contains("\(id) critical") == true, "\(alert)")
        #expect(alert.first?.contains("not effective: clean the nozzle (NC-2026-0002)") == true, "\(alert)")
        let repair = try #require(works.refusal(.verify, of: id, by: "eva"))
        #expect(repair.message.contains("--control"))
        try works.take(.action, of: id, "interlock on the recirculation") {
            $0.owner = "carl"
            $0.due = "2026-12-10"
            $0.control = "the burner does not start without recirculation"
        }
        #expect(try works.life(id).state == .planned)
        try works.take(.done, of: id, by: "carl", "commissioned") { $0.action = 2 }
        try works.take(.verify, of: id, by: "eva")
        try works.take(.close, of: id, by: "eva")
        #expect(try works.life(id).state == .closed)
        // The record itself says what the objective said: a replay of the readings has the same.
        #expect(try works.store.read { try $0.nonconformity(id) }?.severity == .major)
    }
}
