import Indicators
import Metering
import TestKit
import Testing

@testable import Conformity

@Suite("Episodes after a revision")
struct RevisionTests {
    private func record(_ episode: Episode, _ number: Int) -> Nonconformity {
        Nonconformity(
            episode, id: NonconformityNumber(year: 2026, number: number),
            objective: objective(.limits(max: 100, min: nil, warn: nil, allowance: nil)), unit: nil,
            configurationDigest: "")
    }

    @Test("V63: closed with 95, revised to 103 above 100: the nonconformity is raised now, with the original onset")
    func broughtToLight() throws {
        let start = try instant("2026-03-01T00:00:00Z")
        let definition = objective(.limits(max: 100, min: nil, warn: nil, allowance: nil))
        let first = Bench(definition, rule: try rule("1h"), from: start, in: try calendar())
        for value in [90.0, 95, 91, 92] { first.judge(value) }
        #expect(first.episodes.isEmpty)
        let again = Bench(definition, rule: try rule("1h"), from: start + 3_600_000, in: try calendar())
        again.judge.memory = first.verdicts[0].memory
        let reconciler = reconciled(again, [103, 91, 92], against: first.verdicts, from: 1)
        let steps = reconciler.steps(against: [], isCaughtUp: true, at: start + 9_000_000)
        let episode = Episode(
            objective: 0, onset: start + 3_600_000, raisedAt: start + 7_200_000, clearedAt: start + 10_800_000,
            peak: 103,
            limit: 100)
        #expect(steps == [.raise(episode, replaces: nil)])
        #expect(again.verdicts.count == 2, "from the window on whose memory is the old one nothing is judged again")
        #expect(
            reconciler.steps(against: [record(episode, 1)], isCaughtUp: true, at: start) == [],
            "and it is not raised twice")
    }

    @Test("of two episodes with one onset, as months cut in February have, judging the first again leaves the second")
    func sharedOnset() throws {
        let (start, day) = (try instant("2026-02-28T00:00:00Z"), Int64(86_400_000))
        func episode(_ days: Int64) -> Episode {
            Episode(
                objective: 0, onset: start, raisedAt: start + days * day, clearedAt: start + (days + 1) * day,
                peak: 103,
                limit: 100)
        }
        var reconciler = EpisodeReconciler(ongoing: nil)
        func judgeAgain(_ days: Int64) {
            reconciler.rejudged(Window(start: start, end: start + days * day), [.raised(episode(days))])
            reconciler.rejudged(Window(start: start, end: start + (days + 1) * day), [.cleared(episode(days))])
        }
        judgeAgain(28)
        let second = record(episode(30), 1)
        #expect(reconciler.steps(against: [second], isCaughtUp: true, at: start) == [])
        judgeAgain(30)
        let first = record(episode(28), 1)
        #expect(reconciler.steps(against: [first], isCaughtUp: true, at: start) == [.update(second, from: first)])
    }

    @Test("what a revision puts right is cleared with the remark 'revised', and what it brings back is no longer")
    func putRight() throws {
        let start = try instant("2026-03-01T00:00:00Z")
        let hour: Int64 = 3_600_000
        let definition = objective(.limits(max: 100, min: nil, warn: nil, allowance: nil))
        let first = Bench(definition, rule: try rule("1h"), from: start, in: try calendar())
        first.judge(103)
        let stored = record(try #require(first.episodes.first), 1)
        let again = Bench(definition, rule: try rule("1h"), from: start, in: try calendar())
        let right = reconciled(again, [95], against: first.verdicts, from: 0)
        let steps = right.steps(against: [stored], isCaughtUp: false, at: start + 5 * hour)
        guard case .putRight(let new)? = steps.first, steps.count == 1 else {
            Issue.record("\(steps)")
            return
        }
        #expect(new.condition == .cleared)
        #expect(new.remark == "revised")
        #expect(new.clearedAt == start + 5 * hour)
        #expect(new.peak == 103, "what was believed stays on record")
        #expect(right.steps(against: [new], isCaughtUp: false, at: start + 6 * hour) == [], "it is put right once")
        let back = Bench(definition, rule: try rule("1h"), from: start, in: try calendar())
        let steps2 = reconciled(back, [104], against: [], from: 0)
            .steps(against: [new], isCaughtUp: false, at: start + 7 * hour)
        guard case .update(let standing, _)? = steps2.first, steps2.count == 1 else {
            Issue.record("\(steps2)")
            return
        }
        #expect(standing.remark == nil)
        #expect(standing.condition == .ongoing)
        #expect(standing.clearedAt == nil)
        #expect(standing.peak == 104)
        #expect(standing.id == stored.id)
    }

    @Test("a row that begins earlier after a revision is another nonconformity, and says which one it replaces")
    func earlierOnset() throws {
        let start = try instant("2026-03-01T00:00:00Z")
        let definition = objective(.limits(max: 100, min: nil, warn: nil, allowance: nil))
        let first = Bench(definition, rule: try rule("1h"), from: start, in: try calendar())
        for value in [90.0, 110] { first.judge(value) }
        let stored = record(try #require(first.episodes.first), 7)
        let again = Bench(definition, rule: try rule("1h"), from: start, in: try calendar())
        let steps = reconciled(again, [120, 110], against: first.verdicts, from: 0)
            .steps(against: [stored], isCaughtUp: false, at: start)
        #expect(steps.count == 2)
        guard case .putRight(let old)? = steps.first, case .raise(let episode, let replaces)? = steps.last else {
            Issue.record("\(steps)")
            return
        }
        #expect(old.id == "NC-2026-0007")
        #expect(replaces == "NC-2026-0007")
        #expect(episode.onset == start)
    }

    @Test("after any revisions the records are the episodes of the final values", arguments: 1...60)
    func finalTruth(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed)
        let start = try instant("2026-03-01T00:00:00Z")
        let hour = try rule("1h")
        let calendar = try calendar()
        let definition = objective(
            .limits(max: 50, min: nil, warn: nil, allowance: nil), raiseAfter: Int.random(in: 1...3, using: &numbers),
            clearAfter: Int.random(in: 1...3, using: &numbers), clearAt: Bool.random(using: &numbers) ? 46 : nil)
        var values = (0..<80).map { _ in Self.random(&numbers) }
        let first = Bench(definition, rule: hour, from: start, in: calendar)
        for value in values { first.judge(value) }
        var verdicts = first.verdicts
        var records = first.episodes.enumerated().map { record($1, $0 + 1) }
        for _ in 0..<8 {
            let from = Int.random(in: 0..<values.count, using: &numbers)
            let until = min(values.count, from + Int.random(in: 1...3, using: &numbers))
            for index in from..<until { values[index] = Self.random(&numbers) }
            let again = Bench(
                definition, rule: hour, from: start + Int64(from) * 3_600_000, recordStart: start, in: calendar)
            if from > 0 { again.judge.memory = verdicts[from - 1].memory }
            let reconciler = reconciled(
                again, Array(values[from...]), against: verdicts, from: from, atLeast: until - from)
            verdicts.replaceSubrange(from..<(from + again.verdicts.count), with: again.verdicts)
            let isCaughtUp = from + again.verdicts.count < values.count
            for step in reconciler.steps(against: records, isCaughtUp: isCaughtUp, at: start + 400_000_000) {
                switch step {
                case .raise(let episode, _): records.append(record(episode, records.count + 1))
                case .update(let new, let old): records[try #require(records.firstIndex(of: old))] = new
                case .putRight(let new):
                    records[try #require(records.firstIndex { $0.id == new.id })] = new
                }
            }
            let whole = Bench(definition, rule: hour, from: start, in: calendar)
            for value in values { whole.judge(value) }
            #expect(verdicts == whole.verdicts)
            let standing = records.filter { !$0.isPutRight }.sorted { $0.onset < $1.onset }
            let expected = whole.episodes.enumerated().map { record($1, $0 + 1) }
            #expect(standing.map(\.onset) == expected.map(\.onset))
            #expect(standing.map(\.raisedAt) == expected.map(\.raisedAt))
            #expect(standing.map(\.clearedAt) == expected.map(\.clearedAt))
            #expect(standing.map(\.peak) == expected.map(\.peak))
            #expect(standing.map(\.condition) == expected.map(\.condition))
            #expect(records.filter(\.isPutRight).allSatisfy { $0.condition == .cleared && $0.clearedAt != nil })
        }
    }

    private static func random(_ numbers: inout SeededNumbers) -> Double? {
        Int.random(in: 0..<8, using: &numbers) == 0 ? nil : Double.random(in: 40...58, using: &numbers)
    }

    /// Judges on until the memory is the one on record, as the recorder does.
    private func reconciled(
        _ bench: Bench, _ values: [Double?], against old: [JudgedWindow], from index: Int, atLeast: Int = 1
    ) -> EpisodeReconciler {
        var reconciler = EpisodeReconciler(ongoing: bench.judge.ongoing)
        for (step, value) in values.enumerated() {
            let known = bench.events.count
            guard let judged = bench.judge(value) else { continue }
            reconciler.rejudged(judged.window, Array(bench.events[known...]))
            let at = index + step
            if step + 1 >= atLeast, at < old.count, old[at].memory == judged.memory { break }
        }
        return reconciler
    }
}

@Suite("Numbers and recurrence")
struct RecurrenceTests {
    private func cleared(_ onset: String, _ cleared: String?, _ number: Int) throws -> Nonconformity {
        let begin = try instant(onset)
        let end = try cleared.map { try instant($0) }
        return Nonconformity(
            Episode(objective: 0, onset: begin, raisedAt: begin + 1, clearedAt: end, peak: 1, limit: 0),
            id: NonconformityNumber(year: 2026, number: number),
            objective: objective(.limits(max: 0, min: nil, warn: nil, allowance: nil)), unit: nil,
            configurationDigest: "")
    }

    private func episode(_ onset: String) throws -> Episode {
        let begin = try instant(onset)
        return Episode(objective: 0, onset: begin, raisedAt: begin + 1, peak: 1, limit: 0)
    }

    @Test("V50: cleared on 03-01, a breach on 04-15 is a recurrence within 90 d and one on 07-01 is not")
    func recurrence() throws {
        let last = try cleared("2026-02-20T00:00:00Z", "2026-03-01T00:00:00Z", 4)
        let within: Int64 = 90 * 86_400_000
        #expect(try episode("2026-04-15T00:00:00Z").predecessor(among: [last], within: within)?.id == "NC-2026-0004")
        #expect(try episode("2026-07-01T00:00:00Z").predecessor(among: [last], within: within) == nil)
        #expect(try episode("2026-05-30T00:00:00Z").predecessor(among: [last], within: within) != nil, "90 d exactly")
        #expect(try episode("2026-05-30T00:00:00.001Z").predecessor(among: [last], within: within) == nil)
    }

    @Test("the last one counts, and never one that a revision put right or that lies after")
    func last() throws {
        let first = try cleared("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", 1)
        let second = try cleared("2026-01-10T00:00:00Z", "2026-01-11T00:00:00Z", 2)
        var third = try cleared("2026-01-20T00:00:00Z", "2026-01-21T00:00:00Z", 3)
        let within: Int64 = 90 * 86_400_000
        let new = try episode("2026-02-01T00:00:00Z")
        #expect(new.predecessor(among: [third, first, second], within: within)?.id == third.id)
        third.remark = Nonconformity.revisedRemark
        #expect(new.predecessor(among: [third, first, second], within: within)?.id == second.id)
        #expect(
            try episode("2026-01-05T00:00:00Z").predecessor(among: [first, second], within: within)?.id == first.id)
        #expect(try episode("2026-01-01T00:00:00Z").predecessor(among: [first], within: within) == nil, "not itself")
    }

    @Test("numbers have four digits or more, and the local year of the raising")
    func numbers() throws {
        #expect(NonconformityNumber(year: 2026, number: 1).text == "NC-2026-0001")
        #expect(NonconformityNumber(year: 2026, number: 12_345).text == "NC-2026-12345")
        #expect(NonconformityNumber("NC-2026-0042") == NonconformityNumber(year: 2026, number: 42))
        for text in ["NC-2026-1", "nc-2026-0001", "NC-26-0001", "NC-2026-00x1", "NC-2026-0001-2", ""] {
            #expect(NonconformityNumber(text) == nil)
        }
        let stockholm = try calendar()
        #expect(NonconformityNumber.year(of: try instant("2026-12-31T22:59:59Z"), in: stockholm) == 2026)
        #expect(NonconformityNumber.year(of: try instant("2026-12-31T23:00:00Z"), in: stockholm) == 2027)
    }

    @Test("episodes raised at once are numbered in the order of the configuration")
    func order() throws {
        let time = try instant("2026-01-01T00:00:00Z")
        let early = Episode(objective: 9, onset: time, raisedAt: time + 1, peak: nil, limit: nil)
        let second = Episode(objective: 1, onset: time + 1, raisedAt: time + 2, peak: nil, limit: nil)
        let third = Episode(objective: 2, onset: time, raisedAt: time + 2, peak: nil, limit: nil)
        #expect([third, second, early].sorted(by: Episode.isNumberedBefore) == [early, second, third])
    }
}
