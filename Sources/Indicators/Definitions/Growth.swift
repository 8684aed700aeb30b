import Metering

/// How an indicator's value comes about while its window is open: by it the end is projected from the part that is known.
package enum Growth: Sendable, Hashable {
    /// It adds up: an amount (`delta`, `integral`, `hours`, `count`, `sum` of windows).
    case amount
    /// An amount by the length of the whole window (`rate`).
    case rate
    /// A mean over time (`mean`).
    case mean
    /// A level that time alone does not change: a ratio of amounts, a percentile.
    case level
}

extension IndicatorDefinition {
    /// How its value comes about; nil where the part of a window says nothing of the whole (a model, a product of amounts).
    package var growth: Growth? {
        if model != nil || counted != nil { return nil }
        return formula.growth?.growth
    }
}

/// A part of a formula: a number, or something that grows.
private struct GrowingPart {
    /// Nil: a number.
    var growth: Growth?
}

extension Expression where Leaf == Aggregate {
    /// Nil: nothing can be said.
    fileprivate var growth: GrowingPart? {
        switch self {
        case .number: return GrowingPart(growth: nil)
        case .leaf(let leaf): return leaf.growth.map { GrowingPart(growth: $0) }
        case .negated(let inner): return inner.growth
        case .binary(let symbol, let left, let right):
            guard let left = left.growth, let right = right.growth else { return nil }
            return symbol.growth(left.growth, right.growth)
        case .call(let function, let arguments):
            let parts = arguments.map(\.growth)
            if function == .abs, let part = parts.first { return part }
            let isLevel = parts.allSatisfy { part in
                part.map { $0.growth == nil || $0.growth == .level || $0.growth == .mean } ?? false
            }
            return isLevel ? GrowingPart(growth: .level) : nil
        }
    }
}

extension BinaryOperator {
    fileprivate func growth(_ left: Growth?, _ right: Growth?) -> GrowingPart? {
        let isStill = { (growth: Growth?) in growth == nil || growth == .level || growth == .mean }
        switch self {
        case .add, .subtract:
            if left == right { return GrowingPart(growth: left) }
            // A mean and a number is still a mean.
            if left == nil, right == .mean { return GrowingPart(growth: .mean) }
            if right == nil, left == .mean { return GrowingPart(growth: .mean) }
            return isStill(left) && isStill(right) ? GrowingPart(growth: .level) : nil
        case .multiply:
            if left == nil { return GrowingPart(growth: right) }
            if right == nil { return GrowingPart(growth: left) }
            if isStill(left), isStill(right) { return GrowingPart(growth: .level) }
            if isStill(left) || isStill(right) { return GrowingPart(growth: isStill(left) ? right : left) }
            return nil
        case .divide:
            if right == nil { return GrowingPart(growth: left) }
            if left == right || (isStill(left) && isStill(right)) { return GrowingPart(growth: .level) }
            return isStill(right) ? GrowingPart(growth: left) : nil
        }
    }
}

extension Aggregate {
    fileprivate var growth: Growth? {
        switch self {
        case .point(let aggregate, _):
            switch aggregate {
            case .mean, .sampleMean: .mean
            case .integral, .delta, .count: .amount
            case .rate: .rate
            case .min, .max, .first, .last, .stddev: .level
            case .coverage: nil
            }
        case .percentile, .share: .level
        case .hours: .amount
        case .values(let aggregate, _):
            switch aggregate {
            case .sum, .count: .amount
            case .mean, .min, .max, .percentile, .share, .highest: .level
            }
        }
    }
}
