import Indicators
import Metering

/// Which indicators are amounts: what two windows in a row have adds up to what both have.
///
/// Energy, water and hours are; means, ratios and powers are not, and the report shows their mean instead of their sum.
package enum Amounts {
    /// Whether that indicator is one, by all its formulas; `indicators` are the plan's.
    package static func isAmount(_ index: Int, in indicators: [IndicatorDefinition]) -> Bool {
        let own = indicators[index]
        // Windows that overlap share what they have.
        guard own.rule.rolling == nil, own.rule.counted == nil else { return false }
        if let model = own.model { return model.result != .cusum && isAmount(model.subject, in: indicators) }
        return ([own.formula] + own.later.map(\.formula)).allSatisfy { isAmount($0, in: indicators) }
    }

    private static func isAmount(_ formula: Expression<Aggregate>, in indicators: [IndicatorDefinition]) -> Bool {
        switch formula {
        // Nothing adds up to nothing: `greatest(0, delta(a) - 0.5 * delta(b))` is an amount.
        case .number(let number): number == 0
        case .leaf(let aggregate): isAmount(aggregate, in: indicators)
        case .negated(let inner): isAmount(inner, in: indicators)
        case .binary(.add, let left, let right), .binary(.subtract, let left, let right):
            isAmount(left, in: indicators) && isAmount(right, in: indicators)
        case .binary(.multiply, let left, let right):
            (left.isConstant && isAmount(right, in: indicators)) || (right.isConstant && isAmount(left, in: indicators))
        case .binary(.divide, let left, let right): right.isConstant && isAmount(left, in: indicators)
        case .call(.least, let parts), .call(.greatest, let parts): parts.allSatisfy { isAmount($0, in: indicators) }
        case .call: false
        }
    }

    private static func isAmount(_ aggregate: Aggregate, in indicators: [IndicatorDefinition]) -> Bool {
        switch aggregate {
        case .point(.delta, _), .point(.integral, _), .point(.count, _), .hours: true
        case .values(.sum, let index): isAmount(index, in: indicators)
        case .values(.count, _): true
        case .point, .percentile, .share, .values: false
        }
    }
}

extension Expression {
    /// Whether it is the same for all windows.
    fileprivate var isConstant: Bool { leaves.isEmpty }
}
