import Conformity
import DatabaseFile
import Foundation
import Indicators
import Metering
import Storage
import TestKit
import Testing

@Suite("Stored values, verdicts and nonconformities")
struct ValueTests {
    private func value(_ start: Int64, _ end: Int64, _ value: Double?, indicator: Int = 0) -> IndicatorValue {
        IndicatorValue(
            indicator: indicator, window: window(start, end), value: value, status: value == nil ? .undefined : .valid,
            coverage: 0.9, base: end - start, flags: [.estimated])
    }

    private func values(_ store: PlantStore, _ indicator: Int, in window: Window?, all: Bool = false) throws
        -> [IndicatorValue]
    {
        try store.read { reader in
            var found: [IndicatorValue] = []
            try reader.values(indicator, in: window, allRevisions: all) { found.append($0) }
            return found
        }
    }

    @Test("V63 a late reading makes revision 2, and revision 1 is kept")
    func revisions() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        #expect(try store.write { try $0.put(value: value(0, 100, 95)) } == 1)
        #expect(try store.write { try $0.put(value: value(0, 100, 95)) } == 1)
        #expect(try store.write { try $0.put(value: value(0, 100, 103), reason: "late reading") } == 2)
        let all = try values(store, 0, in: nil, all: true)
        #expect(all.map(\.value) == [95, 103])
        #expect(all.map(\.revision) == [1, 2])
        #expect(all.map(\.flags) == [[.estimated], [.estimated, .revised]])
        #expect(try values(store, 0, in: nil).map(\.value) == [103])
        #expect(try store.read { try $0.value(0, window(0, 100)) }?.value == 103)
        #expect(try store.read { try $0.reason(0, window(0, 100), revision: 2) } == "late reading")
    }

    @Test("values are found by windows wholly inside, and by windows that overlap")
    func stretches() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        try store.write { writer in
            for end in stride(from: Int64(100), through: 1000, by: 100) {
                try writer.put(value: value(end - 300, end, Double(end)))
                try writer.put(value: value(end - 100, end, nil, indicator: 1))
            }
        }
        #expect(try values(store, 0, in: window(0, 600)).map(\.value) == [300, 400, 500, 600])
        #expect(try values(store, 1, in: window(0, 300)).map(\.window.end) == [at(100), at(200), at(300)])
        let overlapping = try store.read { reader in
            var found: [Double?] = []
            try reader.values(0, overlapping: window(500, 501)) { found.append($0.value) }
            return found
        }
        #expect(overlapping == [600, 700, 800])
        #expect(try store.read { try $0.lastClosed() } == [window(700, 1000), window(900, 1000)])
    }

    @Test("a value comes back as it went in", arguments: [nil, 0, -0.5, 1e300, 0.1] as [Double?])
    func exact(_ number: Double?) throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        let stored = IndicatorValue(
            indicator: 1, window: window(-7, 5), value: number, status: .insufficient, coverage: 1.0 / 3.0, base: 11,
            flags: [.idle, .suspect, .uncertain])
        try store.write { try $0.put(value: stored) }
        #expect(try values(store, 1, in: nil) == [stored])
    }

    @Test("the ledger of a stretch is replaced, and nothing around it")
    func ledger() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        func entry(_ time: Int64, _ verdict: LedgerVerdict, _ advance: Double?) -> LedgerEntry {
            LedgerEntry(point: 1, time: at(time), verdict: verdict, advance: advance, lastSuspect: at(time + 5))
        }
        let first = [entry(10, .rollover, 3), entry(20, .suspect, nil), entry(30, .reset, 8)]
        try store.write { try $0.replaceLedger(1, in: everything, with: first) }
        try store.write { try $0.replaceLedger(1, in: window(15, 30), with: [entry(20, .glitch, 0.3)]) }
        #expect(try store.read { try $0.ledger(1) } == [first[0], entry(20, .glitch, 0.3), first[2]])
        #expect(try store.read { try $0.ledger(nil, in: window(0, 20)) } == [first[0]])
        #expect(try store.read { try $0.ledger(0) }.isEmpty)
    }

    @Test("verdicts with their memories equal a simple model, in whatever order they come", arguments: 0..<UInt64(40))
    func verdicts(_ seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        let directory = try TemporaryFolder()
        let store = try directory.store()
        var model: [Int64: JudgedWindow] = [:]
        var end: Int64 = 0
        for _ in 0..<60 {
            let isLate = Int.random(in: 0..<4, using: &random) == 0
            if !isLate { end += 10 }
            let at = isLate ? Int64.random(in: 1...max(1, end / 10), using: &random) * 10 : end
            if Int.random(in: 0..<12, using: &random) == 0, model[at] != nil {
                model[at] = nil
                try store.write { try $0.removeVerdict(0, window(at - 10, at)) }
            } else {
                let judged = JudgedWindow(
                    objective: 0, window: window(at - 10, at),
                    verdict: Verdict.allCases.randomElement(using: &random) ?? .met,
                    value: Double(at), limit: Bool.random(using: &random) ? 5 : nil,
                    memory: [UInt8](repeating: 7, count: Int.random(in: 0...2, using: &random)))
                model[at] = judged
                try store.write { try $0.put(verdict: judged) }
            }
            let expected = model.values.sorted { $0.window.end < $1.window.end }
            #expect(try store.read { try $0.verdicts(0) } == expected)
            let before = Instant(milliseconds: Int64.random(in: 0...end + 5, using: &random))
            #expect(
                try store.read { try $0.lastVerdict(0, before: before) } == expected.last { $0.window.end <= before })
        }
        let kept = model.values.filter { $0.window.end > at(200) }.sorted { $0.window.end < $1.window.end }
        while try !store.tidy(now: at(201), indicators: 1, rows: 3).isDone {}
        #expect(try store.read { try $0.verdicts(0) } == kept)
    }

    private func nonconformity(_ id: String, onset: Int64) -> Nonconformity {
        Nonconformity(
            id: id, objective: "limit", severity: .major, onset: at(onset), raisedAt: at(onset + 10), peak: 231.4,
            limit: 200,
            unit: "mg/m3", definition: "{\"max\":200}", configurationDigest: String(repeating: "a", count: 64),
            windows: [
                EvidenceWindow(
                    start: onset, end: onset + 10, verdict: "not_met", value: 231.4, limit: 200, coverage: 1,
                    status: "valid")
            ],
            points: [EvidencePoint(point: "meter.p0", count: 3, minimum: 0.1, maximum: 231.4, first: nil, last: 1 / 3)])
    }

    @Test("a nonconformity comes back whole, grows, and is cleared")
    func nonconformities() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        var first = nonconformity("NC-2026-0001", onset: 100)
        let second = nonconformity("NC-2026-0002", onset: 500)
        try store.write { writer in
            try writer.put(second)
            try writer.put(first)
        }
        for step in 1...3 {
            let start = Int64(100 + step * 10)
            first.windows.append(
                EvidenceWindow(
                    start: start, end: start + 10, verdict: "not_met", value: nil, limit: 200, coverage: 0.5,
                    status: "valid"))
            try store.write { try $0.put(first) }
        }
        first.condition = .cleared
        first.clearedAt = at(150)
        first.remark = "revised"
        first.windows[0].value = 199
        try store.write { try $0.put(first) }
        #expect(try store.read { try $0.nonconformity("NC-2026-0001") } == first)
        #expect(try store.read { try $0.nonconformities() } == [second, first])
        #expect(try store.read { try $0.nonconformities(objective: "limit") } == [first, second])
        #expect(try store.read { try $0.nonconformity("NC-2026-0009") } == nil)
        first.windows.removeAll()
        try store.write { try $0.put(first) }
        #expect(try store.read { try $0.nonconformity("NC-2026-0001") } == first)
    }

    @Test(
        "an episode over long windows is found by any time that it lasts, however many began after it and were over before"
    )
    func overlapping() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        let short = (0..<40).map { (onset: Int64(200 + 10 * $0), end: Int64?(205 + 10 * $0)) }
        for (number, (onset, end)) in ([(100, 900), (850, nil), (700, 720)] + short).enumerated() {
            var found = nonconformity("NC-2026-\(1000 + number)", onset: onset)
            found.raisedAt = at(onset == 100 ? 650 : onset + 2)
            found.clearedAt = end.map { at($0) }
            found.remark = onset == 700 ? "revised" : nil
            try store.write { try $0.put(found) }
        }
        func onsets(_ stretches: [Window]) throws -> [Int64] {
            try store.read { try $0.onsets(objective: "limit", overlapping: stretches) }.map(\.milliseconds)
        }
        #expect(try onsets([window(646, 648)]) == [100])
        #expect(try onsets([window(210, 215), window(320, 325), window(700, 851)]) == [100, 210, 320, 850])
        #expect(try onsets([window(0, 100), window(900, 901)]) == [850])
        #expect(try onsets([]) == [])
        // One that was put right is there, and does not stand.
        #expect(try store.read { try $0.nonconformityID(objective: "limit", onset: at(700)) } == "NC-2026-1002")
        #expect(try store.read { try $0.standingID(objective: "limit", onset: at(700)) } == nil)
        #expect(try store.read { try $0.standingID(objective: "limit", onset: at(850)) } == "NC-2026-1001")
        // The one before is the one that was raised last before.
        #expect(try store.read { try $0.predecessor(objective: "limit", raisedBefore: at(800))?.id } == "NC-2026-1000")
        #expect(try store.read { try $0.predecessor(objective: "limit", raisedBefore: at(215))?.id } == "NC-2026-1004")
    }

    @Test("one objective cannot have two nonconformities with one onset")
    func identity() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        try store.write { try $0.put(nonconformity("NC-2026-0001", onset: 100)) }
        #expect(throws: StoreFault.self) { try store.write { try $0.put(nonconformity("NC-2026-0002", onset: 100)) } }
    }

    @Test("numbers grow within a year, and a transaction that fails takes none")
    func numbers() throws {
        struct Refusal: Error {}
        let directory = try TemporaryFolder()
        let store = try directory.store()
        #expect(
            try store.write { try [$0.nextNumber(year: 2026), $0.nextNumber(year: 2026), $0.nextNumber(year: 2027)] }
                == [1, 2, 1])
        #expect(throws: Refusal.self) {
            try store.write { writer in
                _ = try writer.nextNumber(year: 2026)
                throw Refusal()
            }
        }
        #expect(try store.write { try $0.nextNumber(year: 2026) } == 3)
    }

    @Test("steps are numbered within their nonconformity")
    func steps() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        try store.write { try $0.put(nonconformity("NC-2026-0001", onset: 100)) }
        let step = LifecycleRecord(
            nonconformity: "NC-2026-0001", time: at(7), who: "anna", step: "ack", details: "{\"text\":\"å\"}")
        #expect(try store.write { try [$0.append(step), $0.append(step)] } == [1, 2])
        let steps = try store.read { try $0.steps(of: "NC-2026-0001") }
        #expect(steps.map(\.seq) == [1, 2])
        #expect(steps[1].details == step.details && steps[1].who == "anna")
        #expect(throws: StoreFault.self) {
            try store.write {
                try $0.append(LifecycleRecord(nonconformity: "NC-1-1", time: at(7), who: "a", step: "ack"))
            }
        }
    }

    @Test("the journal takes only lines that follow its head")
    func journal() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        #expect(try store.read { try $0.journalHead() } == (0, String(repeating: "0", count: 64)))
        func line(_ seq: Int) -> JournalRecord {
            JournalRecord(seq: seq, time: at(5), line: "{\"seq\":\(seq)}", hash: String(repeating: "\(seq)", count: 64))
        }
        try store.write { try $0.appendJournal([line(1), line(2)]) }
        #expect(throws: StoreFault.self) { try store.write { try $0.appendJournal([line(4)]) } }
        #expect(throws: StoreFault.self) { try store.write { try $0.appendJournal([line(3), line(3)]) } }
        try store.write { try $0.appendJournal([line(3)]) }
        var seen: [JournalRecord] = []
        try store.read { try $0.journal(from: 2) { seen.append($0) } }
        #expect(seen == [line(2), line(3)])
        #expect(try store.read { try $0.journalHead() }.seq == 3)
    }

    @Test("the outbox numbers alerts without gaps, and keeps each path's state")
    func alerts() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        for index in 1...3 {
            let seq = try store.write {
                try $0.enqueueAlert(
                    time: at(Int64(index)), severity: "major", json: "{\"n\":\(index)}", text: "line \(index)")
            }
            #expect(seq == index)
        }
        #expect(throws: StoreFault.self) {
            try store.write { try $0.enqueueAlert(time: at(1), severity: "dreadful", json: "{}", text: "") }
        }
        #expect(try store.read { try $0.alerts(after: 1, limit: 1) }.map(\.json) == ["{\"n\":2}"])
        #expect(try store.read { try $0.alerts(in: window(2, 4)) }.map(\.text) == ["line 2", "line 3"])
        let delivery = AlertDelivery(path: "/a", delivered: 3, lines: 2, device: -1, inode: 99, offset: 1234)
        try store.write { try $0.put(delivery) }
        #expect(try store.read { try $0.delivery("/a") } == delivery)
        #expect(try store.read { try $0.delivery("/b") } == nil)
        #expect(try store.read { try $0.lastAlert() } == 3)
    }

    @Test("notes and learned facts are kept, replaced and forgotten")
    func notes() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        try store.write { writer in
            try writer.setNote("site", "Borås")
            try writer.setLearned("incomer", "max_registers", "60")
            try writer.setLearned("incomer", "max_registers", "50")
        }
        #expect(try store.read { try $0.note("site") } == "Borås")
        #expect(try store.read { try $0.learned("incomer") } == ["max_registers": "50"])
        try store.write { writer in
            try writer.setNote("site", nil)
            try writer.setLearned("incomer", "max_registers", nil)
        }
        #expect(try store.read { try $0.note("site") } == nil)
        #expect(try store.read { try $0.learned("incomer") }.isEmpty)
    }
}
