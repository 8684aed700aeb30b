import Metering
import Testing

@testable import Indicators

@Suite("Counter rules")
struct CounterLedgerTests {
    private static func run(
        _ readings: [(minute: Int64, value: Double)], maxRate: Double? = nil, modulus: Double? = nil,
        exchanges: [MeterExchange] = [], gap: String = "3h"
    ) -> (advances: [Advance], ledger: [LedgerEntry]) {
        let definition = PointDefinition(
            name: "m.e", kind: .counter, maxGap: milliseconds(gap), maxRate: maxRate, modulus: modulus,
            exchanges: exchanges)
        var ledger = CounterLedger(point: 0, definition: definition)
        var advances: [Advance] = []
        var entries: [LedgerEntry] = []
        for (minute, value) in readings {
            switch ledger.take(CounterSample(time: minute * 60_000, value: value, isUncertain: false)) {
            case .begins: break
            case .continues(let advance): advances.append(advance)
            case .decided(let decision):
                advances += decision.advances
                for entry in decision.entries {
                    entries.removeAll { $0.time == entry.time }
                    entries.append(entry)
                }
            }
        }
        return (advances, entries)
    }

    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var readings: [(minute: Int64, value: Double)]
        var maxRate: Double?
        var modulus: Double?
        var total: Double
        var verdicts: [LedgerVerdict]
    }

    @Test(
        "the total advance and the ledger are those of the worked examples",
        arguments: [
            Case(
                testDescription: "V01 uint32 wraps at its modulus", readings: [(0, 429496720.0), (1, 15.0)],
                modulus: 429496729.6, total: 24.6, verdicts: [.rollover]),
            Case(
                testDescription: "V02 modulus 1e6", readings: [(0, 999850), (1, 150)], modulus: 1e6, total: 300,
                verdicts: [.rollover]),
            Case(
                testDescription: "V04 modulus 838860.8", readings: [(0, 838857.6), (1, 23.1)], modulus: 838860.8,
                total: 26.3, verdicts: [.rollover]),
            Case(
                testDescription: "V05 one spurious zero", readings: [(0, 13423.7), (1, 13423.8), (2, 0), (3, 13424.0)],
                maxRate: 20, modulus: 1e6, total: 0.3, verdicts: [.glitch]),
            Case(
                testDescription: "two zeros", readings: [(0, 500), (1, 510), (2, 0), (3, 0), (4, 511)], total: 11,
                verdicts: [.glitch]),
            Case(
                testDescription: "reset", readings: [(0, 500), (60, 510), (120, 3), (180, 8)], maxRate: 100, total: 18,
                verdicts: [.reset]),
            Case(
                testDescription: "an index that fell back a little lost its last counts",
                readings: [(0, 500), (60, 510), (120, 505), (180, 509)], maxRate: 100, total: 14,
                verdicts: [.fallback]),
            Case(
                testDescription: "one that fell to half or below began anew, though no faster than it can",
                readings: [(0, 500), (60, 510), (120, 250), (180, 255)], maxRate: 100, total: 15, verdicts: [.reset]),
            Case(
                testDescription: "a standing index that fell back, stood, and went on",
                readings: [(0, 510), (60, 505), (120, 505), (180, 509)], total: 4, verdicts: [.fallback]),
            Case(
                testDescription: "a register below zero has not rolled over",
                readings: [(0, 500), (60, -900), (120, 510)], maxRate: 600, modulus: 1000, total: 10,
                verdicts: [.glitch]),
            Case(
                testDescription: "exchange upward", readings: [(0, 500), (60, 510), (120, 90000), (180, 90010)],
                maxRate: 100, total: 20, verdicts: [.exchange]),
            Case(
                testDescription: "a jump that stands long enough is believed",
                readings: [(0, 500), (60, 510), (120, 700), (180, 700)], maxRate: 100, total: 200,
                verdicts: [.confirmed]),
            Case(
                testDescription: "none of these drops the suspect and asks anew",
                readings: [(0, 500), (60, 510), (120, 90000), (180, 40), (240, 50)], maxRate: 100, total: 60,
                verdicts: [.glitch, .reset]),
            Case(
                testDescription: "a meter exchanged for one that stands still stays suspect",
                readings: [(0, 500), (60, 510), (120, 7), (180, 7), (240, 7)], maxRate: 100, total: 10,
                verdicts: [.suspect]),
        ])
    func worked(_ example: Case) {
        let (advances, ledger) = Self.run(example.readings, maxRate: example.maxRate, modulus: example.modulus)
        #expect(isNear(advances.reduce(0) { $0 + $1.amount }, example.total))
        #expect(ledger.map(\.verdict) == example.verdicts)
    }

    @Test("reset advances 10, 3, 5 and flags the stretch before the suspect")
    func resetParts() {
        let (advances, ledger) = Self.run([(0, 500), (60, 510), (120, 3), (180, 8)], maxRate: 100)
        #expect(advances.map(\.amount) == [10, 3, 5])
        #expect(advances.map(\.isSuspect) == [false, true, false])
        #expect(ledger.first?.advance == 8)
    }

    @Test("fallback advances 10, 0, 4 and flags the stretch before the suspect")
    func fallbackParts() {
        let (advances, ledger) = Self.run([(0, 500), (60, 510), (120, 505), (180, 509)], maxRate: 100)
        #expect(advances.map(\.amount) == [10, 0, 4])
        #expect(advances.map(\.isSuspect) == [false, true, false])
        #expect(ledger.first?.advance == 4)
    }

    @Test("V06 a declared exchange counts to its closing and from its opening index")
    func declared() {
        let exchange = MeterExchange(time: Instant(milliseconds: 90 * 60_000), closing: 84213.4, opening: 12.7)
        let (advances, ledger) = Self.run(
            [(0, 84190.0), (120, 61.2)], maxRate: 10, modulus: 1e6, exchanges: [exchange])
        #expect(isNear(advances.reduce(0) { $0 + $1.amount }, 71.9))
        #expect(advances.map(\.to) == [90 * 60_000, 120 * 60_000])
        #expect(ledger.map(\.verdict) == [.declaredExchange])
        #expect(isNear(ledger.first?.advance, 71.9))
    }

    @Test("a reading at the exchange's own time is the new meter's, and a suspect before it becomes bad")
    func declaredAtReading() {
        let exchange = MeterExchange(time: Instant(milliseconds: 120 * 60_000), closing: 520, opening: 0)
        let (advances, ledger) = Self.run(
            [(0, 500), (60, 510), (90, 2), (120, 1)], maxRate: 100, exchanges: [exchange])
        #expect(advances.map(\.amount) == [10, 11])
        #expect(ledger.map(\.verdict) == [.glitch, .declaredExchange])
        #expect(ledger.first?.advance == nil)
    }

    @Test("an advance over more than max_gap is counted and estimated")
    func estimated() {
        let (advances, _) = Self.run([(0, 1000), (180, 1060)], gap: "1h")
        #expect(advances.map(\.isEstimated) == [true])
    }
}
