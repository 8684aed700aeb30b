import Indicators
import Metering
import Testing

@testable import Conformity

@Suite("The journal")
struct JournalTests {
    @Test("V66: the hashes of the first two lines")
    func chain() {
        var chain = JournalChain()
        let first = chain.append(text: #"{"seq":1,"type":"nc.opened","id":"NC-2026-0001"}"#)
        #expect(first.hash == "188bc3e054bf86030b74e4724285ec5bc414fb997510af032f5dba0af1e7b4c8")
        let second = chain.append(text: #"{"seq":2,"type":"nc.ack","id":"NC-2026-0001"}"#)
        #expect(second.hash == "c042dacb89404d046205eb7de13682cc7ea3d8e170e0284d480abe9e4cabad72")
        #expect(JournalVerifier.firstFault(in: [first, second]) == nil)
    }

    @Test("an event is one line of JSON: its place, its type, its time, then what belongs to it in the given order")
    func line() throws {
        var chain = JournalChain()
        let entry = JournalEntry(
            "clock.step", at: try instant("2026-03-29T22:00:00.250Z"),
            [.init("by_ms", .integer(-3600)), .init("b", .null), .init("a", .list([.flag(true), .number(0.1)]))])
        let line = chain.append(entry)
        #expect(
            line.text
                == #"{"seq":1,"type":"clock.step","time":"2026-03-29T22:00:00.250Z","by_ms":-3600,"b":null,"a":[true,0.1]}"#
        )
    }

    @Test(
        "numbers are the shortest that read back the same",
        arguments: [
            (200.0, "200"), (231.4, "231.4"), (-0.5, "-0.5"), (0.1 + 0.2, "0.30000000000000004"), (1e21, "1e+21"),
            (-3.0, "-3"), (0.0, "0"), (1e-7, "1e-07"), (Double.infinity, "null"), (Double.nan, "null"),
            (123_456_789_012.0, "123456789012"),
        ])
    func numbers(number: Double, text: String) {
        #expect(CanonicalJSON.number(number).canonicalText == text)
        if number.isFinite { #expect(Double(text) == number) }
    }

    @Test("strings escape what RFC 8259 demands and nothing else")
    func strings() {
        let text = "a\"b\\c/d\n\t\u{8}\u{c}\r\u{1}\u{1f}\u{7f} å€😀"
        #expect(
            CanonicalJSON.text(text).canonicalText
                == #""a\"b\\c/d\n\t\b\f\r\u0001\u001f"# + "\u{7f} å€😀\"")
    }

    @Test("a line that was changed, moved, left out or doubled is found")
    func faults() throws {
        var chain = JournalChain()
        let time = try instant("2026-01-01T00:00:00Z")
        let lines = (1...20).map {
            chain.append(JournalEntry("comment", at: time + Int64($0), [.init("n", .integer($0))]))
        }
        #expect(JournalVerifier.firstFault(in: lines) == nil)
        var changed = lines
        changed[7].text = changed[7].text.replacing("\"n\":8", with: "\"n\":9")
        #expect(JournalVerifier.firstFault(in: changed)?.sequence == 8)
        var rehashed = changed
        rehashed[7].hash = JournalChain.hash(of: rehashed[7].text, after: rehashed[6].hash)
        #expect(JournalVerifier.firstFault(in: rehashed)?.sequence == 9)
        var missing = lines
        missing.remove(at: 4)
        #expect(JournalVerifier.firstFault(in: missing)?.kind == .sequence(expected: 5))
        var swapped = lines
        swapped.swapAt(2, 3)
        #expect(JournalVerifier.firstFault(in: swapped)?.sequence == 4)
        var renumbered = JournalChain()
        let wrong = renumbered.append(text: #"{"seq":12,"type":"started"}"#)
        #expect(JournalVerifier.firstFault(in: [wrong])?.kind == .place)
        #expect(JournalVerifier.firstFault(in: Array(lines.dropFirst()))?.sequence == 2)
    }

    @Test("a journal can be checked from a line that is known to be good")
    func fromWitness() throws {
        var chain = JournalChain()
        let time = try instant("2026-01-01T00:00:00Z")
        let lines = (1...5).map { _ in chain.append(JournalEntry("started", at: time)) }
        var verifier = JournalVerifier(after: JournalChain(sequence: 3, hash: lines[2].hash))
        try verifier.check(lines[3])
        try verifier.check(lines[4])
        #expect(verifier.checked == chain)
    }
}

@Suite("Events in the journal")
struct JournalEventTests {
    private let time = Instant(milliseconds: 1_790_000_000_000)

    @Test("a raised nonconformity is written with its whole condition")
    func raised() throws {
        let episode = Episode(
            objective: 0, onset: try instant("2026-11-22T08:00:00Z"), raisedAt: try instant("2026-11-22T08:30:00Z"),
            peak: 231.4, limit: 200)
        var definition = objective(.limits(max: 200, min: nil, warn: nil, allowance: nil))
        definition.source = #"{"max":200}"#
        let nonconformity = Nonconformity(
            episode, id: NonconformityNumber(year: 2026, number: 3), objective: definition, unit: "mg/m3",
            configurationDigest: "d1")
        #expect(
            JournalEntry.raised(nonconformity, at: try instant("2026-11-22T08:30:01Z")).text(sequence: 5)
                == #"{"seq":5,"type":"nc.opened","time":"2026-11-22T08:30:01Z","id":"NC-2026-0003","#
                + #""objective":"nox_permit","severity":"major","onset":"2026-11-22T08:00:00Z","#
                + #""raised_at":"2026-11-22T08:30:00Z","cleared_at":null,"peak":231.4,"limit":200,"unit":"mg/m3","#
                + #""recurrence_of":null,"remark":null,"configuration":"d1","evidence":"\#(nonconformity.evidenceDigest)","#
                + #""definition":"{\"max\":200}"}"#)
    }

    @Test("evidence that was altered has another digest")
    func evidence() {
        var nonconformity = Nonconformity(
            Episode(objective: 0, onset: time, raisedAt: time, peak: 1, limit: 0),
            id: NonconformityNumber(year: 2026, number: 1),
            objective: objective(.limits(max: 0, min: nil, warn: nil, allowance: nil)), unit: nil,
            configurationDigest: "")
        nonconformity.windows = [
            EvidenceWindow(start: 0, end: 1, verdict: "not_met", value: 1, limit: 0, coverage: 1, status: "valid")
        ]
        nonconformity.points = [EvidencePoint(point: "a.b", count: 2, minimum: 1, maximum: 3, first: 1, last: 3)]
        let digest = nonconformity.evidenceDigest
        #expect(digest.count == 64)
        var altered = nonconformity
        altered.windows[0].value = 0.5
        #expect(altered.evidenceDigest != digest)
        altered = nonconformity
        altered.points[0].maximum = 2
        #expect(altered.evidenceDigest != digest)
        altered = nonconformity
        altered.state = "acknowledged"
        #expect(altered.evidenceDigest == digest, "what people do does not touch the condition's record")
    }

    @Test("a revision is written with both values and its reason")
    func revision() throws {
        let window = Window(start: try instant("2026-11-22T08:00:00Z"), end: try instant("2026-11-22T09:00:00Z"))
        let old = IndicatorValue(
            indicator: 0, window: window, value: 95, status: .valid, coverage: 1, base: window.length)
        var new = old
        new.value = 103
        new.revision = 2
        new.flags = [.revised, .estimated]
        let entry = JournalEntry.revision(of: "nox", from: old, to: new, reason: "late reading", at: window.end)
        #expect(
            entry.text(sequence: 1)
                == #"{"seq":1,"type":"value.revised","time":"2026-11-22T09:00:00Z","indicator":"nox","#
                + #""start":"2026-11-22T08:00:00Z","end":"2026-11-22T09:00:00Z","revision":2,"reason":"late reading","#
                + #""before":{"value":95,"status":"valid","coverage":1,"flags":[]},"#
                + #""after":{"value":103,"status":"valid","coverage":1,"flags":["estimated","revised"]}}"#)
    }

    @Test("every kind of event has a type of its own")
    func types() throws {
        let window = Window(start: time, end: time + 1)
        let judged = JudgedWindow(objective: 0, window: window, verdict: .met, value: 1, limit: 2)
        let ledger = LedgerEntry(point: 0, time: time, verdict: .glitch, advance: nil, lastSuspect: time)
        let nonconformity = Nonconformity(
            Episode(objective: 0, onset: time, raisedAt: time, peak: 1, limit: 0),
            id: NonconformityNumber(year: 2026, number: 1),
            objective: objective(.limits(max: 0, min: nil, warn: nil, allowance: nil)), unit: nil,
            configurationDigest: "")
        let entries: [JournalEntry] =
            [
                .raised(nonconformity, at: time), .cleared(nonconformity, at: time),
                .revised(nonconformity, from: nonconformity, at: time),
                .revision(of: "o", from: judged, to: judged, at: time), .ledger(ledger, point: "p", at: time),
                .ledgerWithdrawn(ledger, point: "p", at: time),
                .imported(at: time, files: ["f"], configuration: "d", readings: 3),
            ]
            + LifecycleStep.Kind.allCases.map {
                .step(LifecycleStep($0, by: "anna", at: time, text: "t"), of: "NC-2026-0001", state: .open)
            }
        #expect(Set(entries.map(\.type)).count == entries.count)
        var chain = JournalChain()
        #expect(JournalVerifier.firstFault(in: chain.append(entries)) == nil)
    }

    @Test("a step is written with who, what, and all it brought")
    func step() throws {
        let step = LifecycleStep(
            .action, by: "anna", at: try instant("2026-11-22T10:00:00Z"), text: "new nozzle", action: 1, owner: "carl",
            due: "2026-12-01", effectiveWhen: "nox <= 180 for 3 windows")
        #expect(
            JournalEntry.step(step, of: "NC-2026-0003", state: .planned).text(sequence: 9)
                == #"{"seq":9,"type":"nc.action","time":"2026-11-22T10:00:00Z","id":"NC-2026-0003","by":"anna","#
                + #""text":"new nozzle","state":"planned","action":1,"owner":"carl","due":"2026-12-01","#
                + #""effective_when":"nox <= 180 for 3 windows"}"#)
    }
}
