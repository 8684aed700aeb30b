import Metering

extension Aggregate {
    /// The aggregate as a formula has it, with the names of its points and indicators.
    package func text(in plan: IndicatorPlan) -> String {
        func name(_ point: PointIndex) -> String { plan.points[Int(point)].name }
        switch self {
        case .point(let aggregate, let point): return "\(aggregate.rawValue)(\(name(point)))"
        case .percentile(let point, let rank): return "percentile(\(name(point)), \(Self.hundred(rank)))"
        case .hours(let condition): return "hours(\(condition.text(leaf: name)))"
        case .share(let condition): return "share(\(condition.text(leaf: name)))"
        case .values(let aggregate, let index):
            let name = plan.indicators[index].name
            switch aggregate {
            case .sum: return "sum(\(name))"
            case .mean: return "mean(\(name))"
            case .min: return "min(\(name))"
            case .max: return "max(\(name))"
            case .count: return "count(\(name))"
            case .percentile(let rank): return "percentile(\(name), \(Self.hundred(rank)))"
            case .share(let comparison, let number):
                return "share(\(name) \(comparison.rawValue) \(Expression<Int>.text(number)))"
            }
        }
    }

    private static func hundred(_ rank: ExactFraction) -> String { Expression<Int>.text(rank.value * 100) }
}

extension Condition {
    /// The condition as a formula has it, with the name of each leaf.
    package func text(leaf: (Leaf) -> String) -> String {
        "\(left.text(leaf: leaf)) \(comparison.rawValue) \(right.text(leaf: leaf))"
    }
}

extension Expression {
    /// The expression as a formula has it, with what stands for each leaf; parts are in brackets where they have parts.
    package func text(leaf: (Leaf) -> String) -> String {
        switch self {
        case .number(let number): Self.text(number)
        case .leaf(let name): leaf(name)
        case .negated(let inner): "-\(inner.inBrackets(leaf))"
        case .binary(let symbol, let left, let right):
            "\(left.inBrackets(leaf)) \(symbol.rawValue) \(right.inBrackets(leaf))"
        case .call(let function, let arguments):
            "\(function.rawValue)(\(arguments.map { $0.text(leaf: leaf) }.joined(separator: ", ")))"
        }
    }

    private func inBrackets(_ leaf: (Leaf) -> String) -> String {
        if case .binary = self { "(\(text(leaf: leaf)))" } else { text(leaf: leaf) }
    }

    fileprivate static func text(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : "\(number)"
    }
}
