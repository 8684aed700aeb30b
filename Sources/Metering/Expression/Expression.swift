import Foundation

/// Arithmetic over leaves of any kind: points in conditions and derived points, aggregates in indicators (Rules 6).
package indirect enum Expression<Leaf: Sendable & Hashable>: Sendable, Hashable {
    case number(Double)
    case leaf(Leaf)
    case negated(Expression)
    case binary(BinaryOperator, Expression, Expression)
    case call(ArithmeticFunction, [Expression])

    /// The value, with each leaf's value from `leaf`; nil, undefined, is contagious, and so are division by zero and
    /// what is not finite.
    @inlinable package func value(_ leaf: (Leaf) -> Double?) -> Double? {
        let result: Double?
        switch self {
        case .number(let number): result = number
        case .leaf(let name): result = leaf(name)
        case .negated(let inner): result = inner.value(leaf).map { -$0 }
        case .binary(let symbol, let left, let right):
            guard let a = left.value(leaf), let b = right.value(leaf) else { return nil }
            result = symbol.apply(a, b)
        case .call(let function, let arguments):
            guard let first = arguments[0].value(leaf) else { return nil }
            switch function {
            case .abs: result = Swift.abs(first)
            case .sqrt: result = first < 0 ? nil : first.squareRoot()
            case .least, .greatest:
                guard let second = arguments[1].value(leaf) else { return nil }
                result = function == .least ? Swift.min(first, second) : Swift.max(first, second)
            case .clamp:
                guard let low = arguments[1].value(leaf), let high = arguments[2].value(leaf) else { return nil }
                result = Swift.min(Swift.max(first, low), high)
            }
        }
        guard let result, result.isFinite else { return nil }
        return result
    }

    /// Every leaf, in the order written, repeated where it stands repeatedly.
    package var leaves: [Leaf] {
        switch self {
        case .number: []
        case .leaf(let name): [name]
        case .negated(let inner): inner.leaves
        case .binary(_, let left, let right): left.leaves + right.leaves
        case .call(_, let arguments): arguments.flatMap(\.leaves)
        }
    }

    /// The same expression with each leaf put in place of another.
    package func map<Other>(_ transform: (Leaf) throws -> Other) rethrows -> Expression<Other> {
        switch self {
        case .number(let number): .number(number)
        case .leaf(let name): .leaf(try transform(name))
        case .negated(let inner): .negated(try inner.map(transform))
        case .binary(let symbol, let left, let right):
            .binary(symbol, try left.map(transform), try right.map(transform))
        case .call(let function, let arguments): .call(function, try arguments.map { try $0.map(transform) })
        }
    }
}

/// `+ - * /`.
package enum BinaryOperator: String, Sendable, Hashable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"

    /// The result; nil for a division by zero.
    @inlinable package func apply(_ a: Double, _ b: Double) -> Double? {
        switch self {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: b == 0 ? nil : a / b
        }
    }
}

/// The functions of numbers that formulas know.
package enum ArithmeticFunction: String, Sendable, Hashable, CaseIterable {
    case least
    case greatest
    case abs
    case clamp
    /// Undefined below zero.
    case sqrt

    /// How many arguments it takes.
    package var arity: Int {
        switch self {
        case .abs, .sqrt: 1
        case .least, .greatest: 2
        case .clamp: 3
        }
    }
}

/// A comparison of a condition; exact.
package enum Comparison: String, Sendable, Hashable, CaseIterable {
    case equal = "=="
    case notEqual = "!="
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case less = "<"
    case greater = ">"

    /// Whether `a op b`.
    @inlinable package func holds(_ a: Double, _ b: Double) -> Bool {
        switch self {
        case .equal: a == b
        case .notEqual: a != b
        case .lessOrEqual: a <= b
        case .greaterOrEqual: a >= b
        case .less: a < b
        case .greater: a > b
        }
    }
}

/// One comparison of arithmetic over points and numbers (Rules 6), e.g. `boiler.running == 1`.
package struct Condition<Leaf: Sendable & Hashable>: Sendable, Hashable {
    package var left: Expression<Leaf>
    package var comparison: Comparison
    package var right: Expression<Leaf>

    /// The condition `left comparison right`.
    package init(_ left: Expression<Leaf>, _ comparison: Comparison, _ right: Expression<Leaf>) {
        self.left = left
        self.comparison = comparison
        self.right = right
    }

    /// Whether it holds; nil, unknown, where a leaf has no value or the arithmetic is undefined.
    @inlinable package func holds(_ leaf: (Leaf) -> Double?) -> Bool? {
        guard let a = left.value(leaf), let b = right.value(leaf) else { return nil }
        return comparison.holds(a, b)
    }

    /// Every leaf of both sides.
    package var leaves: [Leaf] { left.leaves + right.leaves }

    /// The same condition with each leaf put in place of another.
    package func map<Other>(_ transform: (Leaf) throws -> Other) rethrows -> Condition<Other> {
        Condition<Other>(try left.map(transform), comparison, try right.map(transform))
    }
}
