import Metering

/// A formula that holds from an instant on (Rules 6).
package struct DatedFormula<Leaf: Hashable & Sendable>: Sendable, Hashable {
    /// From when it holds.
    package var from: Instant
    package var formula: Expression<Leaf>
    /// The formula as it was written.
    package var text: String
    /// The unit that it brings with it; nil: the one before stays.
    package var unit: String?

    /// A formula from that instant on.
    package init(from: Instant, formula: Expression<Leaf>, text: String, unit: String? = nil) {
        self.from = from
        self.formula = formula
        self.text = text
        self.unit = unit
    }
}

/// An indicator: a formula over windows of time, with what it demands of its data.
package struct IndicatorDefinition: Sendable, Hashable {
    package var name: String
    package var title: String?
    package var unit: String?
    package var rule: WindowRule
    package var formula: Expression<Aggregate>
    /// The formula as it was written.
    package var formulaText: String
    /// Formulas that take its place from a date on, ascending; a window belongs to the one in force at its start.
    package var later: [DatedFormula<Aggregate>] = []
    /// What it is computed from in place of a formula, where it compares with a baseline.
    package var model: BaselineModel?
    /// The share of the window that every point must cover; nil where only ``minCount`` or ``maxMissing`` is demanded.
    package var minCoverage: ExactFraction?
    /// The usable readings that every point must have; nil: any number.
    package var minCount: Int?
    /// How many windows of each indicator that it is computed from may be neither valid nor idle; nil: any number.
    package var maxMissing: Int?
    /// `while`: restricts every aggregate to the time when it holds.
    package var condition: Condition<PointIndex>?
    /// `during`: restricts every aggregate to that time of the calendar as well.
    package var during: RecurringTime?
    /// Where its windows are the last days that counted, which ones; it is computed from stored readings when a day is over,
    /// and not by the engine at work.
    package var counted: CountedDays?
    /// How long after its end a window waits for its points, in milliseconds; nil: twice the largest `max_gap` among
    /// them.
    package var grace: Int64?
    /// Computed for an objective's own `while` and never listed.
    package var isHidden: Bool

    /// An indicator.
    package init(
        name: String, title: String? = nil, unit: String? = nil, rule: WindowRule, formula: Expression<Aggregate>,
        formulaText: String, minCoverage: ExactFraction? = ExactFraction(3, 4), minCount: Int? = nil,
        condition: Condition<PointIndex>? = nil, grace: Int64? = nil, isHidden: Bool = false
    ) {
        self.name = name
        self.title = title
        self.unit = unit
        self.rule = rule
        self.formula = formula
        self.formulaText = formulaText
        self.minCoverage = minCoverage
        self.minCount = minCount
        self.condition = condition
        self.grace = grace
        self.isHidden = isHidden
    }

    /// The unit of a window that begins at an instant: a formula that holds from a date on may bring its own.
    package func unit(at start: Instant) -> String? {
        later.last { $0.from <= start && $0.unit != nil }?.unit ?? unit
    }

    /// Whether windows of one unit are followed by windows of another.
    package var changesUnit: Bool { later.contains { $0.unit != nil && $0.unit != unit } }

    /// The points its formula and condition use directly, each once, in the order written.
    package var points: [PointIndex] {
        var seen: Set<PointIndex> = []
        return (leaves.flatMap(\.points) + (condition?.leaves ?? [])).filter { seen.insert($0).inserted }
    }

    /// The aggregates of all its formulas.
    var leaves: [Aggregate] { formula.leaves + later.flatMap(\.formula.leaves) }

    /// The aggregates of the formulas that windows belong to which begin in a stretch (nil: of all).
    func leaves(over stretch: Window?) -> [Aggregate] {
        guard let stretch, !later.isEmpty else { return leaves }
        var found: [Aggregate] = []
        var (from, current) = (Instant.distantPast, formula)
        for dated in later {
            if from < stretch.end, stretch.start < dated.from { found += current.leaves }
            (from, current) = (dated.from, dated.formula)
        }
        return from < stretch.end ? found + current.leaves : found
    }

    /// The indicators its formula uses, each once.
    package var indicators: [Int] {
        var seen: Set<Int> = []
        let days = counted.map { [$0.when, $0.day] } ?? []
        return ((model?.indicators ?? []) + leaves.compactMap(\.indicator) + days).filter { seen.insert($0).inserted }
    }
}

/// A gauge computed from other gauges and states at each instant at which one of them has a reading (Rules 6).
package struct DerivedPoint: Sendable, Hashable {
    /// Its own index in the plan.
    package var point: PointIndex
    package var formula: Expression<PointIndex>
    /// The formula as it was written.
    package var formulaText: String
    /// Formulas that take its place from an instant on, ascending.
    package var later: [DatedFormula<PointIndex>] = []

    /// The derived point with that index.
    package init(point: PointIndex, formula: Expression<PointIndex>, formulaText: String) {
        self.point = point
        self.formula = formula
        self.formulaText = formulaText
    }

    /// The points it is computed from, at any time, each once.
    package var inputs: [PointIndex] {
        var seen: Set<PointIndex> = []
        return (formula.leaves + later.flatMap(\.formula.leaves)).filter { seen.insert($0).inserted }
    }

    /// The formula in force at an instant.
    func formula(at time: Instant) -> Expression<PointIndex> {
        later.isEmpty ? formula : later.last { $0.from <= time }?.formula ?? formula
    }
}

/// Everything that turns readings into indicator values: the pure part of a plant's configuration.
package struct IndicatorPlan: Sendable {
    package var calendar: SiteCalendar
    /// Measured points first, derived ones after them; a ``PointIndex`` is an index into this.
    package var points: [PointDefinition]
    /// In an order in which each comes after its inputs.
    package var derived: [DerivedPoint]
    /// In the order of the configuration, hidden ones last. One that was there may become a part of itself; others need others.
    package var indicators: [IndicatorDefinition] {
        didSet {
            if indicators.count != indicatorsInOrder.count { indicatorsInOrder = IndicatorPlan.order(of: indicators) }
        }
    }
    /// The indicators in an order in which each comes after those that it is computed from: asked for in each transaction.
    package private(set) var indicatorsInOrder: [Int]

    /// A plan; cycles among derived points or indicators must have been refused before.
    package init(
        calendar: SiteCalendar, points: [PointDefinition], derived: [DerivedPoint] = [],
        indicators: [IndicatorDefinition]
    ) {
        self.calendar = calendar
        self.points = points
        self.derived = derived
        self.indicators = indicators
        indicatorsInOrder = IndicatorPlan.order(of: indicators)
    }

    private static func order(of indicators: [IndicatorDefinition]) -> [Int] {
        var seen: Set<Int> = []
        var order: [Int] = []
        func visit(_ index: Int) {
            guard seen.insert(index).inserted else { return }
            for source in indicators[index].indicators { visit(source) }
            order.append(index)
        }
        for index in indicators.indices { visit(index) }
        return order
    }
}
