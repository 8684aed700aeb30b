import Indicators
import Metering

/// A small plant for tests, written with the formulas that a configuration would have.
struct Bench {
    var calendar: SiteCalendar
    var points: [PointDefinition] = []
    var derived: [DerivedPoint] = []
    var indicators: [IndicatorDefinition] = []

    init(zone: String = "Europe/Stockholm") throws {
        guard let calendar = SiteCalendar(identifier: zone) else { throw Missing(what: zone) }
        self.calendar = calendar
    }

    struct Missing: Error { var what: String }

    mutating func gauge(_ name: String, gap: String = "3m", unit: String? = nil) {
        points.append(PointDefinition(name: name, kind: .gauge, unit: unit, maxGap: milliseconds(gap)))
    }

    mutating func state(_ name: String, gap: String = "3m") {
        points.append(PointDefinition(name: name, kind: .state, maxGap: milliseconds(gap)))
    }

    mutating func counter(
        _ name: String, gap: String = "3h", maxRate: Double? = nil, modulus: Double? = nil,
        exchanges: [MeterExchange] = [], counting: Counting = .up
    ) {
        points.append(
            PointDefinition(
                name: name, kind: .counter, maxGap: milliseconds(gap), maxRate: maxRate, modulus: modulus,
                exchanges: exchanges, counting: counting))
    }

    mutating func derive(_ name: String, _ formula: String) throws {
        let expression = try FormulaParser.arithmetic(formula, points: lookup)
        let point = PointIndex(points.count)
        let gap = expression.leaves.map { points[Int($0)].maxGap }.min() ?? 0
        points.append(PointDefinition(name: name, kind: .gauge, maxGap: gap))
        derived.append(DerivedPoint(point: point, formula: expression, formulaText: formula))
    }

    mutating func indicator(
        _ name: String, _ window: String, _ formula: String, every: String? = nil, minCoverage: String? = "3/4",
        minCount: Int? = nil, during condition: String? = nil, grace: String? = nil, shifts: [String] = []
    ) throws {
        guard let length = CalendarLength(window) ?? CalendarLength("1d") else { throw Missing(what: window) }
        var rule = WindowRule(plain: length)
        if !shifts.isEmpty {
            rule = WindowRule(
                grid: .shifts(
                    shifts.map { text in
                        let parts = text.split(separator: ":").compactMap { Int64($0) }
                        return (parts[0] * 60 + parts[1]) * 60_000
                    }))
        }
        if let every, let plain = CalendarLength(every).flatMap(WindowRule.init(plain:)) {
            rule = WindowRule(grid: plain.grid, rolling: length)
        }
        guard let rule else { throw Missing(what: window) }
        let names = indicators.map(\.name)
        indicators.append(
            IndicatorDefinition(
                name: name, rule: rule,
                formula: try FormulaParser.indicator(formula, points: lookup) { names.firstIndex(of: $0) },
                formulaText: formula, minCoverage: minCoverage.flatMap { ExactFraction($0) }, minCount: minCount,
                condition: try condition.map { try FormulaParser.condition($0, points: lookup) },
                grace: grace.map { milliseconds($0) }))
    }

    var plan: IndicatorPlan {
        IndicatorPlan(calendar: calendar, points: points, derived: derived, indicators: indicators)
    }

    func lookup(_ name: String) -> (index: PointIndex, kind: PointKind)? {
        points.firstIndex { $0.name == name }.map { (PointIndex($0), points[$0].kind) }
    }

    func reading(_ name: String, _ time: String, _ value: Double?, _ quality: Quality = .good) throws -> Reading {
        guard let point = lookup(name)?.index else { throw Missing(what: name) }
        guard let time = Instant(time) else { throw Missing(what: time) }
        guard let value else { return Reading(point, time, bad: .timeout) }
        return Reading(point, time, value, quality)
    }

    /// Runs a recording and closes what ends with it, or at `end`.
    func run(_ readings: [Reading], until end: String? = nil) throws -> Outcome {
        let engine = IndicatorEngine(plan: plan)
        let sorted = readings.sorted { $0.time < $1.time }
        if let start = sorted.first?.time {
            for index in plan.indicatorsInOrder {
                engine.open(
                    index, at: WindowSequence(indicators[index].rule, calendar: calendar).first(endingAfter: start))
            }
        }
        var outcome = Outcome(names: indicators.map(\.name))
        var next = 0
        while next < sorted.count {
            next = engine.take(sorted, from: next)
            outcome.add(engine.takeOutput())
        }
        if let end {
            guard let end = Instant(end) else { throw Missing(what: end) }
            engine.pass(to: end)
            outcome.add(engine.takeOutput())
        }
        engine.finish()
        outcome.add(engine.takeOutput())
        return outcome
    }

    struct Outcome {
        var names: [String]
        var values: [IndicatorValue] = []
        var ledger: [LedgerEntry] = []
        var reopened: [(indicator: Int, stretch: Window)] = []

        init(names: [String]) { self.names = names }

        mutating func add(_ output: EngineOutput) {
            values += output.closed
            reopened += output.reopened
            for entry in output.ledger {
                ledger.removeAll { $0.point == entry.point && $0.time == entry.time }
                ledger.append(entry)
            }
        }

        func of(_ name: String) -> [IndicatorValue] { values.filter { names[$0.indicator] == name } }
    }
}

func milliseconds(_ text: String) -> Int64 { CalendarLength(text)?.nominalMilliseconds ?? 0 }

/// Equal to nine significant digits.
func isNear(_ a: Double?, _ b: Double, _ tolerance: Double = 1e-9) -> Bool {
    guard let a else { return false }
    return abs(a - b) <= tolerance * max(abs(a), abs(b), 1e-3)
}
