import Metering

/// Reads the formulas and conditions of a configuration into expressions over indexes (Rules 5 and 6).
///
/// A name with a dot is a point, one without an indicator. Every fault carries its column.
package enum FormulaParser {
    /// Finds a point by the name that stands in the formula.
    package typealias PointLookup = (String) -> (index: PointIndex, kind: PointKind)?

    /// The formula of an indicator: arithmetic over aggregates.
    package static func indicator(
        _ text: String, points: PointLookup, indicators: (String) -> Int?
    ) throws(FormulaFault) -> Expression<Aggregate> {
        var parser = try ExpressionParser(text)
        let formula = try parser.expression {
            (parser: inout ExpressionParser, name: String, column: Int) throws(FormulaFault) -> Expression<Aggregate> in
            guard parser.next.content == .symbol("(") else {
                let kind = name.contains(".") ? "point" : "indicator"
                throw FormulaFault(
                    column: column, message: "the \(kind) '\(name)' stands outside an aggregate such as mean(\(name))")
            }
            return .leaf(try aggregate(&parser, name, column, points, indicators))
        }
        try parser.expectEnd()
        return formula
    }

    /// The formula of a derived point: arithmetic over gauges, states and other derived points.
    package static func arithmetic(_ text: String, points: PointLookup) throws(FormulaFault) -> Expression<PointIndex> {
        var parser = try ExpressionParser(text)
        let formula = try parser.expression {
            (parser: inout ExpressionParser, name: String, column: Int) throws(FormulaFault) -> Expression<PointIndex>
            in
            .leaf(try heldPoint(parser, name, column, points))
        }
        try parser.expectEnd()
        return formula
    }

    /// One comparison of arithmetic over gauges, states and derived points.
    package static func condition(_ text: String, points: PointLookup) throws(FormulaFault) -> Condition<PointIndex> {
        var parser = try ExpressionParser(text)
        let condition = try condition(&parser, points)
        try parser.expectEnd()
        return condition
    }

    private static func condition(
        _ parser: inout ExpressionParser, _ points: PointLookup
    ) throws(FormulaFault) -> Condition<PointIndex> {
        try parser.condition {
            (parser: inout ExpressionParser, name: String, column: Int) throws(FormulaFault) -> Expression<PointIndex>
            in
            .leaf(try heldPoint(parser, name, column, points))
        }
    }

    private static func heldPoint(
        _ parser: ExpressionParser, _ name: String, _ column: Int, _ points: PointLookup
    ) throws(FormulaFault) -> PointIndex {
        if parser.next.content == .symbol("(") {
            throw FormulaFault(
                column: column, message: "'\(name)' is no function here: only least, greatest, abs, clamp and sqrt are")
        }
        let point = try find(name, column, points)
        if point.kind == .counter {
            throw FormulaFault(
                column: column,
                message: "'\(name)' is a counter, which has no value between its readings to compare or compute with")
        }
        return point.index
    }

    private static func find(
        _ name: String, _ column: Int, _ points: PointLookup
    ) throws(FormulaFault) -> (index: PointIndex, kind: PointKind) {
        guard let point = points(name) else {
            throw FormulaFault(column: column, message: "there is no point '\(name)'", unknownName: name)
        }
        return point
    }

    private static func aggregate(
        _ parser: inout ExpressionParser, _ function: String, _ column: Int, _ points: PointLookup,
        _ indicators: (String) -> Int?
    ) throws(FormulaFault) -> Aggregate {
        let known = PointAggregate(rawValue: function) != nil
        guard known || ["sum", "percentile", "highest", "hours", "share"].contains(function) else {
            throw FormulaFault(column: column, message: "there is no aggregate '\(function)'", unknownName: function)
        }
        try parser.expect(symbol: "(")
        let result: Aggregate
        switch function {
        case "hours": result = .hours(try condition(&parser, points))
        case "share":
            if case .name(let name) = parser.next.content, !name.contains("."),
                ArithmeticFunction(rawValue: name) == nil
            {
                result = try shareOfValues(&parser, indicators)
            } else {
                result = .share(try condition(&parser, points))
            }
        default: result = try aggregateOfName(&parser, function, points, indicators)
        }
        try parser.expect(symbol: ")")
        return result
    }

    private static func aggregateOfName(
        _ parser: inout ExpressionParser, _ function: String, _ points: PointLookup, _ indicators: (String) -> Int?
    ) throws(FormulaFault) -> Aggregate {
        let token = parser.next
        guard case .name(let name) = token.content else {
            throw parser.unexpected(function == "sum" ? "an indicator" : "a point or an indicator")
        }
        _ = parser.take()
        guard name.contains(".") else {
            let index = try find(indicator: name, token.column, indicators)
            switch function {
            case "sum": return .values(.sum, index)
            case "mean": return .values(.mean, index)
            case "min": return .values(.min, index)
            case "max": return .values(.max, index)
            case "count": return .values(.count, index)
            case "percentile": return .values(.percentile(try percentage(&parser)), index)
            case "highest": return .values(.highest(try wholeNumber(&parser)), index)
            default:
                throw FormulaFault(
                    column: token.column,
                    message:
                        "\(function) takes a point; of an indicator there are sum, mean, min, max, count, percentile, highest and share"
                )
            }
        }
        let point = try find(name, token.column, points)
        if function == "percentile" {
            guard point.kind == .gauge else { throw wrongKind(function, name, point.kind, token.column) }
            return .percentile(point.index, try percentage(&parser))
        }
        guard let aggregate = PointAggregate(rawValue: function) else {
            throw FormulaFault(
                column: token.column,
                message: "\(function) takes an indicator; of a counter there is delta, of a gauge integral")
        }
        guard aggregate.kinds.contains(point.kind) else { throw wrongKind(function, name, point.kind, token.column) }
        return .point(aggregate, point.index)
    }

    private static func wrongKind(_ function: String, _ name: String, _ kind: PointKind, _ column: Int) -> FormulaFault
    {
        let instead =
            switch kind {
            case .counter: "; of a counter there are delta, rate, first, last, count and coverage"
            case .state: "; of a state there are hours, share, first, last, count and coverage"
            case .gauge: "; of a gauge there are mean, integral and others"
            }
        return FormulaFault(
            column: column, message: "\(function) cannot be taken of '\(name)', a \(kind.rawValue)\(instead)")
    }

    private static func find(
        indicator name: String, _ column: Int, _ indicators: (String) -> Int?
    ) throws(FormulaFault) -> Int {
        guard let index = indicators(name) else {
            throw FormulaFault(column: column, message: "there is no indicator '\(name)'", unknownName: name)
        }
        return index
    }

    private static func shareOfValues(
        _ parser: inout ExpressionParser, _ indicators: (String) -> Int?
    ) throws(FormulaFault) -> Aggregate {
        let token = parser.take()
        guard case .name(let name) = token.content else { throw parser.unexpected("an indicator") }
        let index = try find(indicator: name, token.column, indicators)
        guard case .symbol(let symbol) = parser.next.content, let comparison = Comparison(rawValue: symbol) else {
            throw parser.unexpected("one of == != < <= > >=")
        }
        _ = parser.take()
        let negative = parser.take(symbol: "-")
        guard case .number(let number, _) = parser.take().content else { throw parser.unexpected("a number") }
        return .values(.share(comparison, negative ? -number : number), index)
    }

    private static func wholeNumber(_ parser: inout ExpressionParser) throws(FormulaFault) -> Int {
        try parser.expect(symbol: ",")
        let token = parser.next
        guard case .number(_, let text) = token.content, let count = Int(text), (1...1000).contains(count) else {
            throw parser.unexpected("a whole number from 1 to 1000")
        }
        _ = parser.take()
        return count
    }

    private static func percentage(_ parser: inout ExpressionParser) throws(FormulaFault) -> ExactFraction {
        try parser.expect(symbol: ",")
        let token = parser.next
        guard case .number(_, let text) = token.content else {
            throw parser.unexpected("a percentage between 0 and 100")
        }
        _ = parser.take()
        guard let fraction = ExactFraction(text + "%"), fraction.numerator <= fraction.denominator else {
            throw FormulaFault(column: token.column, message: "'\(text)' is not a percentage between 0 and 100")
        }
        return fraction
    }
}
