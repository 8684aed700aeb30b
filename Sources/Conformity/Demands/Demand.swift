import Indicators
import Metering

/// One kind of what an objective demands: what it adds up, what it says of a window, and its words (Rules 9).
///
/// A kind is a struct in a file of its own; ``Requirement/demand`` is where it is entered. Nothing else in the program asks
/// of which kind a demand is.
package protocol Demand: Sendable {
    /// The calendar period over which it adds up; nil where each window stands for itself.
    var period: WindowRule? { get }
    /// What the value and the limit beside its verdicts are.
    var shown: ShownQuantity { get }
    /// Whether good lies above the limit and nowhere else, as for `clear_at` and `warn`.
    var hasLowerLimitOnly: Bool { get }
    /// Whether past a limit that it shows is below it.
    func isLowerLimit(_ limit: Double) -> Bool
    /// What it measures against, where that is a baseline.
    var baseline: Baseline? { get }
    /// Whether a window not met is an exceedance of a limit, which an allowance of a later demand counts (Rules 13).
    var countsExceedances: Bool { get }
    /// The limit shown with a window that a change of definitions left not evaluable; nil: that of the finding.
    var limitBeforeAnyIsBroken: Double? { get }
    /// How many windows before one it looks back at, by what it remembers.
    var lookback: Int { get }
    /// Whether it needs the baseline model of its indicator.
    var needsModel: Bool { get }

    /// Whether it demands that something is measured, and not what the value is.
    var isDutyToMeasure: Bool { get }

    /// Whether it adds amounts up over its period, so that the period and not the window comes to its limit.
    var addsUpAmounts: Bool { get }

    /// Adds the window to its period's account, judged or not: what was consumed was consumed, what was missed was missed.
    func addUp(
        _ value: IndicatorValue, _ context: JudgingContext, _ comparison: LimitComparison,
        in account: inout PeriodAccount)

    /// What it remembers after a window, judged or not, of what it remembered before it (``JudgingContext/past``).
    func remembered(after value: IndicatorValue, _ context: JudgingContext) -> [Double]

    /// What it says of a window that is judged; the window has been added up.
    func finding(
        of value: IndicatorValue, _ context: JudgingContext, _ comparison: LimitComparison,
        in account: inout PeriodAccount?
    ) -> Finding

    /// What is wrong with a `clear_at`; nil where it lies on the good side.
    func fault(ofClearAt clearAt: Double) -> String?

    /// What is demanded, as one sentence without a full stop.
    func sentence(_ words: PlainWords) -> String
    /// A value and how it lies to its limit, e.g. `231.4 mg/m3 over the limit 200 (by 15.7 %)`.
    func finding(_ value: Double, _ limit: Double, _ words: PlainWords) -> String
    /// The sentence of a window that gave a warning.
    func warning(_ judged: JudgedWindow, _ words: PlainWords) -> String
    /// The limits that hold when an episode clears: two where a value must lie between them.
    func limitsNow(_ found: Nonconformity) -> [Double]
}

/// What the value and the limit of a verdict are.
package enum ShownQuantity: Sendable, Hashable {
    /// The indicator's value, or a sum of its values, in its unit.
    case indicator
    /// A share of time, without a unit; told in percent.
    case share
    /// A number of windows, without a unit.
    case windows
    /// A change of the indicator's value in that time, e.g. `h`.
    case change(per: String)
    /// A number without a unit.
    case number
}

extension Requirement {
    /// The demand itself: the one place in which a new kind has to be entered.
    package var demand: any Demand {
        switch self {
        case .limits(let limits): limits
        case .budget(let budget): budget
        case .reduction(let reduction): reduction
        case .available(let availability): availability
        case .missing(let missing): missing
        case .percentile(let percentile): percentile
        case .trend(let trend): trend
        case .rateOfChange(let rate): rate
        case .savings(let savings): savings
        case .deviation(let deviation): deviation
        }
    }
}

extension Demand {
    /// Whether past a limit is below it: where all of its limits are such.
    package func isLowerLimit(_ limit: Double) -> Bool { hasLowerLimitOnly }

    /// The limit of what a change left not evaluable: that of the finding.
    package var limitBeforeAnyIsBroken: Double? { nil }

    /// Whether it demands that something is measured: no.
    package var isDutyToMeasure: Bool { false }

    /// Whether it adds amounts up over its period: no.
    package var addsUpAmounts: Bool { false }

    /// What is added up of a window: nothing.
    package func addUp(
        _ value: IndicatorValue, _ context: JudgingContext, _ comparison: LimitComparison,
        in account: inout PeriodAccount
    ) {}

    /// What is remembered of windows: nothing.
    package func remembered(after value: IndicatorValue, _ context: JudgingContext) -> [Double] { [] }

    /// It looks back at no window.
    package var lookback: Int { 0 }

    /// It needs no model.
    package var needsModel: Bool { false }
}
