import Indicators
import Metering
import TestKit
import Testing

@testable import Conformity

@Suite("Rows and episodes")
struct EpisodeTests {
    @Test("V49: three in a row raise, the deadband holds, one past it clears")
    func deadband() throws {
        let start = try instant("2026-03-01T00:00:00Z")
        let limit = Requirement.limits(max: 50, min: nil, warn: nil, allowance: nil)
        let bench = Bench(
            objective(limit, raiseAfter: 3, clearAt: 45), rule: try rule("1m"), from: start, in: try calendar())
        for value in [49.0, 51, 52, 49, 51, 52, 53, 48, 46, 44] { bench.judge(value) }
        let raised = bench.events.filter { if case .raised = $0 { true } else { false } }
        #expect(raised.count == 1)
        #expect(
            bench.episodes == [
                Episode(
                    objective: 0, onset: start + 4 * 60_000, raisedAt: start + 7 * 60_000,
                    clearedAt: start + 10 * 60_000, peak: 53, limit: 50)
            ])
        #expect(bench.judge.ongoing == nil)
        #expect(bench.judge.memory.isEmpty)
    }

    @Test("the peak of a minimum is the lowest value, the row before the raising included")
    func lowestPeak() throws {
        let limit = Requirement.limits(max: nil, min: 10, warn: nil, allowance: nil)
        let bench = Bench(
            objective(limit, raiseAfter: 2), rule: try rule("1h"), from: try instant("2026-03-01T00:00:00Z"),
            in: try calendar())
        for value in [3.0, 8, 5, 11] { bench.judge(value) }
        #expect(bench.episodes.map(\.peak) == [3])
        #expect(bench.episodes.map(\.limit) == [10])
    }

    @Test("with both limits the peak is the value farthest past the limit it broke")
    func farthestOfBoth() throws {
        let limit = Requirement.limits(max: 20, min: 10, warn: nil, allowance: nil)
        let bench = Bench(
            objective(limit), rule: try rule("1h"), from: try instant("2026-03-01T00:00:00Z"), in: try calendar())
        // What rounding alone puts farther away comes second: of 5.7 and 24.3, and of 24.3 and 5.7, the first.
        for value in [23.0, 6, 22, 15, 24.3, 5.7 - 1e-14, 15, 5.7, 24.3 + 1e-14, 15] { bench.judge(value) }
        #expect(bench.episodes.map(\.peak) == [6, 24.3, 5.7])
        #expect(bench.episodes.map(\.limit) == [10, 20, 10])
    }

    @Test("while an episode lasts each judged window is appended, also one that is met or not evaluable")
    func appending() throws {
        let limit = Requirement.limits(max: 50, min: nil, warn: nil, allowance: nil)
        let bench = Bench(
            objective(limit, clearAfter: 2), rule: try rule("1h"), from: try instant("2026-03-01T00:00:00Z"),
            in: try calendar())
        for value in [10, 60, nil, 40, 70, 40, 40, 40] as [Double?] { bench.judge(value) }
        let kinds = bench.events.map { event in
            switch event {
            case .raised: "raised"
            case .appended: "appended"
            case .cleared: "cleared"
            }
        }
        #expect(kinds == ["raised", "appended", "appended", "appended", "appended", "cleared"])
        #expect(bench.events.map(\.episode.peak) == [60, 60, 60, 70, 70, 70])
    }

    @Test("every sequence of six verdicts is judged as a search over the whole sequence finds", arguments: 1...3, 1...3)
    func exhaustive(raiseAfter: Int, clearAfter: Int) throws {
        let calendar = try calendar("UTC")
        let start = try instant("2026-03-01T00:00:00Z")
        let hour = try rule("1h")
        let kinds: [(clearAt: Double?, values: [Double?])] = [(nil, [40, 49, 55, nil]), (45, [40, 47, 49, 55, nil])]
        for (clearAt, symbols) in kinds {
            let sequences = (0..<6).reduce(1) { count, _ in count * symbols.count }
            let definition = objective(
                .limits(max: 50, min: nil, warn: 48, allowance: nil), raiseAfter: raiseAfter, clearAfter: clearAfter,
                clearAt: clearAt)
            let fresh = Bench(definition, rule: hour, from: start, in: calendar)
            for code in 0..<sequences {
                var rest = code
                let values = (0..<6).map { _ -> Double? in
                    defer { rest /= symbols.count }
                    return symbols[rest % symbols.count]
                }
                let bench = Bench(fresh)
                for value in values { bench.judge(value) }
                let expected = searched(values, definition: definition, from: start)
                guard bench.episodes != expected else { continue }
                Issue.record("\(values) gave \(bench.episodes), not \(expected)")
                return
            }
        }
    }

    @Test("long random sequences are judged as a search over the whole sequence finds", arguments: 1...40)
    func random(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed)
        let start = try instant("2026-03-01T00:00:00Z")
        let definition = objective(
            .limits(max: 50, min: nil, warn: 44, allowance: nil), raiseAfter: Int.random(in: 1...5, using: &numbers),
            clearAfter: Int.random(in: 1...5, using: &numbers), clearAt: Bool.random(using: &numbers) ? 46 : nil)
        let values = (0..<400).map { _ -> Double? in
            Int.random(in: 0..<6, using: &numbers) == 0 ? nil : Double.random(in: 35...65, using: &numbers)
        }
        let bench = Bench(definition, rule: try rule("1h"), from: start, in: try calendar("UTC"))
        for value in values { bench.judge(value) }
        #expect(bench.episodes == searched(values, definition: definition, from: start))
    }

    /// The episodes of hourly values by searching the whole sequence for rows, without any state from window to window.
    private func searched(_ values: [Double?], definition: ObjectiveDefinition, from start: Instant) -> [Episode] {
        let evaluable = values.enumerated().compactMap { index, value in value.map { (index: index, value: $0) } }
        func isBroken(_ value: Double) -> Bool { value > 50 }
        func clears(_ value: Double) -> Bool { value <= 50 && value <= (definition.clearAt ?? 50) }
        func row(of length: Int, from first: Int, _ holds: (Double) -> Bool) -> Int? {
            guard first + length <= evaluable.count else { return nil }
            return (first...(evaluable.count - length)).first { at in
                evaluable[at..<(at + length)].allSatisfy { holds($0.value) }
            }
        }
        var episodes: [Episode] = []
        var position = 0
        while let broken = row(of: definition.raiseAfter, from: position, isBroken) {
            let completed = broken + definition.raiseAfter - 1
            let clearing = row(of: definition.clearAfter, from: completed + 1, clears)
            let last = clearing.map { $0 + definition.clearAfter - 1 }
            let peak = evaluable[broken...(last ?? evaluable.count - 1)].map(\.value).max()
            episodes.append(
                Episode(
                    objective: 0, onset: start + Int64(evaluable[broken].index) * 3_600_000,
                    raisedAt: start + Int64(evaluable[completed].index + 1) * 3_600_000,
                    clearedAt: last.map { start + Int64(evaluable[$0].index + 1) * 3_600_000 }, peak: peak, limit: 50))
            guard let last else { break }
            position = last + 1
        }
        return episodes
    }
}
