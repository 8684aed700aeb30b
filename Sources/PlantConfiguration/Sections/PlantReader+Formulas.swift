import ConfigurationSource
import Indicators
import Metering

extension PlantReader {
    /// What a formula's names mean.
    var pointLookup: FormulaParser.PointLookup {
        { [pointIndex, points] name in pointIndex[name].map { ($0, points[Int($0)].kind) } }
    }

    /// A value, or a list of values with the dates from which they hold: `[a, {from: 2026-07-01, formula: b}]`.
    ///
    /// The first has no date; where something is faulty the value is left out.
    ///
    /// With `bringsUnit` each of the list may say its own `unit`.
    func dated(
        _ field: Field, as key: String, bringsUnit: Bool = false
    ) -> [(from: Instant?, field: Field, unit: Field?)] {
        guard case .sequence = field.node.content else { return [(nil, field, nil)] }
        let items = field.items() ?? []
        if items.isEmpty { field.error("'\(field.key)' is an empty list") }
        var found: [(from: Instant?, field: Field, unit: Field?)] = []
        for (position, item) in items.enumerated() {
            guard case .mapping = item.node.content, let section = item.section("'\(key)' from a date on") else {
                if position == 0 {
                    found.append((nil, item, nil))
                } else {
                    item.error("every '\(key)' after the first says from when it holds: {from: 2026-07-01, \(key): …}")
                }
                continue
            }
            let fromField = section.field("from")
            let value = section.required(key)
            let from = fromField?.instant(calendar)
            let unit = bringsUnit && position > 0 ? section.field("unit") : nil
            section.close()
            if position == 0, let fromField {
                log.error(fromField.keyMark, "the first '\(key)' holds from the beginning: it has no 'from'")
            } else if position > 0, fromField == nil {
                item.error("every '\(key)' after the first says from when it holds: it needs 'from'")
            } else if let value, position == 0 || from != nil {
                if let from, let last = found.last?.from ?? nil, from <= last {
                    fromField?.error("'from' must be after that of the '\(key)' before it")
                } else {
                    found.append((from, value, unit))
                }
            }
        }
        return found
    }

    /// The text of a formula or condition.
    func formulaText(_ field: Field) -> String? {
        guard let scalar = field.node.scalar, !scalar.isNull else {
            field.wrong("a formula")
            return nil
        }
        if scalar.text.utf8.count > 10_000 {
            field.error("the formula is longer than 10000 characters")
            return nil
        }
        return scalar.text
    }

    /// Reads a condition over the plant's points.
    func condition(_ field: Field) -> Condition<PointIndex>? {
        guard let text = formulaText(field) else { return nil }
        do {
            let condition = try FormulaParser.condition(text, points: pointLookup)
            if condition.leaves.isEmpty {
                field.error("the condition names no point")
                return nil
            }
            checkUnits(condition, field)
            return condition
        } catch {
            report(error, in: field)
            return nil
        }
    }

    /// Reads what says whether a meter's values hold: a condition over points of the meter, named without it.
    func readValidWhen(_ field: Field, _ meter: String, _ names: [String]) -> Condition<PointIndex>? {
        guard let text = formulaText(field) else { return nil }
        let lookup: FormulaParser.PointLookup = { [pointIndex, points] name in
            let whole = name.hasPrefix("\(meter).") ? name : "\(meter).\(name)"
            return pointIndex[whole].map { ($0, points[Int($0)].kind) }
        }
        do {
            let condition = try FormulaParser.condition(text, points: lookup)
            if condition.leaves.isEmpty { field.error("'valid_when' names no point of the meter") }
            return condition
        } catch {
            report(error, in: field, names: names, of: meter)
            return nil
        }
    }

    /// Says a formula's fault at its very place, unless it only follows from another fault.
    func report(_ fault: FormulaFault, in field: Field, names: [String]? = nil, of meter: String? = nil) {
        let mark = FormulaPosition.mark(of: fault.column, in: field.node)
        guard let name = fault.unknownName else {
            if faultyPoints.contains(where: { fault.message.contains("'\($0)'") }) { return }
            log.error(mark, fault.message)
            return
        }
        let owner = meter ?? name.split(separator: ".").first.map(String.init) ?? ""
        let (noun, known) = candidates(for: fault)
        if opaqueMeters.contains(owner) || unreadable.contains("\(noun)s") { return }
        if noun == "point", unreadable.contains("meters") || unreadable.contains("derived") { return }
        if noun == "aggregate", let meant = CommonSlip.aggregate(name) {
            return log.error(mark, "unknown aggregate '\(name.prefix(60))' (did you mean '\(meant)'?)")
        }
        log.error(mark, "unknown \(noun) '\(name.prefix(60))'", near: name, among: names ?? known)
    }

    private func candidates(for fault: FormulaFault) -> (noun: String, known: [String]) {
        if fault.message.contains("aggregate") {
            let aggregates =
                PointAggregate.allCases.map(\.rawValue) + ["sum", "percentile", "highest", "hours", "share"]
            return ("aggregate", aggregates + ArithmeticFunction.allCases.map(\.rawValue))
        }
        return fault.message.contains("indicator") ? ("indicator", indicatorNames) : ("point", points.map(\.name))
    }
}
