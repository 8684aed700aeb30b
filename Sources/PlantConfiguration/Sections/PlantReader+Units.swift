import ConfigurationSource
import Indicators
import Metering

/// Two units that a formula puts together and that do not go together.
private struct UnitClash: Error {
    var left: String
    var right: String
    var verb: String
}

extension PlantReader {
    /// Checks an indicator's formula, and its result against the unit that it states.
    func checkUnits(_ formula: Expression<Aggregate>, _ field: Field, stated: String?, _ unitField: Field?) {
        check(field, stated: stated, unitField) { try UnitChecker { try self.unit(of: $0) }.unit(of: formula) }
    }

    /// Checks a derived point's formula, and its result against the unit that it states.
    func checkUnits(_ formula: Expression<PointIndex>, _ field: Field, stated: String?, _ unitField: Field?) {
        check(field, stated: stated, unitField) { try pointUnits.unit(of: formula) }
    }

    /// Checks that both sides of a condition go together.
    func checkUnits(_ condition: Condition<PointIndex>, _ field: Field) {
        check(field, stated: nil, nil) { try pointUnits.unit(of: condition) }
    }

    private var pointUnits: UnitChecker<PointIndex> {
        UnitChecker { UnitOfValue(stated: self.points[Int($0)].unit) }
    }

    private func check(_ field: Field, stated: String?, _ unitField: Field?, _ unit: () throws -> UnitOfValue) {
        do {
            let found = try unit()
            if case .unit(let name) = found, let unitField, found.combined(with: UnitOfValue(stated: stated)) == nil {
                unitField.error("the formula gives \(name), and 'unit' says \(stated ?? "")")
            }
        } catch let clash as UnitClash {
            field.error("the formula \(clash.verb) \(clash.left) and \(clash.right), which have not the same unit")
        } catch {
            field.error("\(error)")
        }
    }

    private func unit(of aggregate: Aggregate) throws -> UnitOfValue {
        switch aggregate {
        case .point(let function, let point):
            let unit = UnitOfValue(stated: points[Int(point)].unit)
            return switch function {
            case .integral: unit.timesHours
            case .rate: unit.perHour
            case .count, .coverage: .number
            default: unit
            }
        case .percentile(let point, _): return UnitOfValue(stated: points[Int(point)].unit)
        case .hours(let condition):
            _ = try pointUnits.unit(of: condition)
            return .unit("h")
        case .share(let condition):
            _ = try pointUnits.unit(of: condition)
            return .number
        case .values(let function, let index):
            switch function {
            case .count, .share: return .number
            default: return UnitOfValue(stated: indicators[index].changesUnit ? nil : indicators[index].unit)
            }
        }
    }
}

/// Follows units through a formula.
private struct UnitChecker<Leaf: Hashable & Sendable> {
    var leaf: (Leaf) throws -> UnitOfValue

    func unit(of formula: Expression<Leaf>) throws -> UnitOfValue {
        switch formula {
        case .number: return .number
        case .leaf(let name): return try leaf(name)
        case .negated(let inner): return try unit(of: inner)
        case .binary(let symbol, let left, let right):
            let (a, b) = (try unit(of: left), try unit(of: right))
            switch symbol {
            case .add: return try combined(a, b, "adds")
            case .subtract: return try combined(a, b, "subtracts")
            case .multiply, .divide: return a == .number && b == .number ? .number : .unknown
            }
        case .call(let function, let arguments):
            let units = try arguments.map(unit)
            if function == .sqrt { return units[0] == .number ? .number : .unknown }
            let verb = function == .clamp ? "clamps" : "compares"
            return try units.dropFirst().reduce(units[0]) { try combined($0, $1, verb) }
        }
    }

    func unit(of condition: Condition<Leaf>) throws -> UnitOfValue {
        try combined(try unit(of: condition.left), try unit(of: condition.right), "compares")
    }

    private func combined(_ a: UnitOfValue, _ b: UnitOfValue, _ verb: String) throws -> UnitOfValue {
        if let both = a.combined(with: b) { return both }
        guard case .unit(let left) = a, case .unit(let right) = b else { return .unknown }
        throw UnitClash(left: left, right: right, verb: verb)
    }
}
