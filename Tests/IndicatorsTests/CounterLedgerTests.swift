import Metering
import Testing

@testable import Indicators

@Suite("Counter rules")
struct CounterLedgerTests {
    private static func run(
        _ readings: [(minute: Int64, value: Double)], maxRate: Double? = nil, modulus: Double? = nil,
        exchanges: [MeterExchange] = [], gap: String = "3h", counting: Counting = .up,
        earlier: [EarlierRules] = []
    ) -> (advances: [Advance], ledger: [LedgerEntry]) {
        var definition = PointDefinition(
            name: "m.e", kind: .counter, maxGap: milliseconds(gap), maxRate: maxRate, modulus: modulus,
            exchanges: exchanges, counting: counting)
        definition.earlier = earlier
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

    private static let differences: [(from: Double, to: Double, advance: Double)] = [
        (10_035_546.09, 10_035_546.30, 0.21), (99_999_999.9, 100_000_000.0, 0.1), (0.1, 0.3, 0.2),
        (4_294_967.123456, 4_294_967.123457, 0.000001), (-0.3, -0.1, 0.2), (12_345, 12_346, 1),
        // What a device sent in binary stays what it is.
        (Double(Float(100.1)), Double(Float(100.3)), Double(Float(100.3)) - Double(Float(100.1))),
        (1e300, 1.5e300, 5e299), (0x1p53, 0x1p53 + 2, 2),
    ]

    @Test("the advance is what the decimals of the indexes say, however long they are", arguments: differences)
    func decimals(_ example: (from: Double, to: Double, advance: Double)) {
        let (from, to, advance) = example
        #expect(to.minus(from) == advance)
        #expect(from.minus(to) == -advance)
        guard from >= 0 else { return }
        #expect(Self.run([(0, from), (1, to)]).advances.map(\.amount) == [advance])
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

    /// A counter that begins anew each day in UTC, read at minutes of the first of January 1970.
    private static func ofTheDay(
        _ readings: [(minute: Int64, value: Double)], maxRate: Double? = 120, gap: String = "30m"
    ) throws -> (advances: [Advance], ledger: [LedgerEntry]) {
        let calendar = try #require(SiteCalendar(identifier: "UTC"))
        let period = ResetPeriod(WindowRule(grid: .day), calendar: calendar)
        return run(readings, maxRate: maxRate, gap: gap, counting: .since(period))
    }

    @Test("the first drop after an edge is the reset, without a question, and what it shows was used since the edge")
    func resets() throws {
        let day: Int64 = 1440
        let (advances, ledger) = try Self.ofTheDay([
            (day - 20, 96), (day - 10, 96), (day + 10, 0), (day + 20, 0), (day + 30, 2), (day + 40, 3),
        ])
        #expect(advances.map(\.amount) == [0, 0, 0, 2, 1])
        #expect(advances[1].from == day * 60_000 && advances[1].to == (day + 10) * 60_000)
        #expect(ledger.isEmpty)
    }

    @Test("a device that wakes late resets late, and once: the next drop is a question")
    func lateReset() throws {
        let day: Int64 = 1440
        let asleep = (0...36).map { (minute: day - 10 + 10 * Int64($0), value: 96.0) }
        let (advances, ledger) = try Self.ofTheDay(
            asleep + [(day + 360, 0), (day + 370, 5), (day + 380, 1), (day + 390, 6)])
        #expect(advances.reduce(0) { $0 + $1.amount } == 6)
        #expect(advances.allSatisfy { !$0.isEstimated })
        #expect(ledger.map(\.verdict) == [.glitch])
        let next = try Self.ofTheDay([(day - 10, 96), (day + 10, 1), (2 * day - 10, 90), (2 * day + 5, 1)], gap: "1d")
        #expect(next.advances.map(\.amount) == [1, 89, 1])
    }

    @Test(
        "it begins anew once in a period, whichever rules take each other's place within it",
        arguments: [("UTC", 240.0), ("Asia/Tokyo", 120)])
    func resetOverRules(zone: String, maxRate: Double) throws {
        let day: Int64 = 1440
        let before = ResetPeriod(WindowRule(grid: .day), calendar: try #require(SiteCalendar(identifier: "UTC")))
        let after = ResetPeriod(WindowRule(grid: .day), calendar: try #require(SiteCalendar(identifier: zone)))
        let rules = PointDefinition(name: "m.e", kind: .counter, maxGap: 0, maxRate: 120, counting: .since(before))
        let (advances, ledger) = Self.run(
            [(day - 10, 96), (day + 10, 1), (day + 50, 3), (day + 70, 5), (day + 80, 2), (day + 90, 6)],
            maxRate: maxRate, gap: "1h", counting: .since(after),
            earlier: [EarlierRules(until: Instant(milliseconds: (day + 60) * 60_000), rules)])
        #expect(advances.map(\.amount) == [1, 2, 2, 1])
        #expect(ledger.map(\.verdict) == [.glitch])
    }

    @Test("a rise over a long gap with an edge in it is what was used since, estimated; over a short one it goes on")
    func resetInGap() throws {
        let day: Int64 = 1440
        let long = try Self.ofTheDay([(day - 300, 5), (day + 300, 20)])
        #expect(long.advances.map(\.amount) == [20])
        #expect(long.advances[0].from == day * 60_000 && long.advances[0].isEstimated)
        let short = try Self.ofTheDay([(day - 5, 5), (day + 5, 8)])
        #expect(short.advances.map(\.amount) == [3])
        #expect(short.advances[0].from == (day - 5) * 60_000)
    }

    @Test("a drop that is faster than it can be since the edge, or below zero, is a question like any other")
    func implausibleReset() throws {
        let day: Int64 = 1440
        #expect(try Self.ofTheDay([(day - 5, 96), (day + 5, 50)]).ledger.map(\.verdict) == [.suspect])
        #expect(try Self.ofTheDay([(day - 5, 96), (day + 5, -1)]).ledger.map(\.verdict) == [.suspect])
        let glitch = try Self.ofTheDay([(day - 15, 96), (day - 5, 9000), (day + 5, 0), (day + 10, 1)])
        #expect(glitch.advances.map(\.amount) == [0, 1])
        #expect(glitch.ledger.map(\.verdict) == [.glitch])
    }

    @Test(
        "a register that runs both ways advances by its difference, and a jump is decided by the next reading",
        arguments: [
            ([(0, 100.0), (60, 40), (120, 70)], nil, [-60.0, 30], []),
            ([(0, 100), (60, 40)], 50, [], [.suspect]),
            ([(0, 100), (60, 40), (120, 110)], 50, [10], [.glitch]),
            ([(0, 100), (60, 40), (120, 45)], 50, [-55], [.glitch]),
            ([(0, 100), (60, 9000), (120, 9010)], 50, [0, 10], [.exchange]),
            ([(0, 100), (60, 9000), (120, 9000)], 50, [0, 0], [.exchange]),
            ([(0, 100), (60, 9000), (120, 5000), (180, 110)], 50, [10], [.glitch, .glitch]),
        ] as [([(Int64, Double)], Double?, [Double], [LedgerVerdict])])
    func net(readings: [(Int64, Double)], maxRate: Double?, amounts: [Double], verdicts: [LedgerVerdict]) {
        let (advances, ledger) = Self.run(
            readings.map { (minute: $0.0, value: $0.1) }, maxRate: maxRate, counting: .net)
        #expect(advances.map(\.amount) == amounts)
        #expect(ledger.map(\.verdict) == verdicts)
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
