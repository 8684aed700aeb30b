import ConfigurationSource
import Indicators
import ManagementSystem
import Metering

/// Calibration functions on indicators.
extension PlantReader {
    /// `calibration: {a, b, valid, from}`, or a list of such functions that follow each other: from its date on, the
    /// indicator's value is a + b times what its formula gives (Rules 14).
    func readCalibration(_ field: Field, of index: Int) {
        let name = indicatorNames[index]
        var items = [field]
        if case .sequence = field.node.content { items = field.items() ?? [] }
        if items.isEmpty { field.error("'calibration' is an empty list") }
        var functions: [CalibrationInForce] = []
        for item in items {
            guard let function = readFunction(item, of: name, after: functions.last) else { continue }
            functions.append(function)
        }
        register.functions += functions
        apply(functions, to: index)
    }

    private func readFunction(
        _ field: Field, of indicator: String, after last: CalibrationInForce?
    ) -> CalibrationInForce? {
        guard let section = field.section("'calibration'") else { return nil }
        defer { section.close() }
        let intercept = section.required("a")?.number()
        let slopeField = section.required("b")
        let slope = slopeField?.number()
        let fromField = section.field("from")
        let from = fromField.map { $0.instant(calendar) } ?? .distantPast
        let validField = section.field("valid")
        let bounds = validField?.items()?.compactMap { $0.number() }
        var valid: ClosedRange<Double>?
        if let bounds {
            if bounds.count == 2, bounds[0] < bounds[1] {
                valid = bounds[0]...bounds[1]
            } else {
                validField?.error("'valid' is two numbers, the smaller one first: [0, 150]")
            }
        }
        if let slope, slope <= 0 { slopeField?.error("'b' is above 0") }
        if let last, let from, from <= last.from {
            (fromField ?? field).error(
                "every 'calibration' after the first says from when it holds, each after the one before")
            return nil
        }
        guard let intercept, let slope, let from else { return nil }
        return CalibrationInForce(
            indicator: indicator, from: from, intercept: intercept, slope: slope, valid: valid)
    }

    /// Puts the functions around the formulas: what is in force changes wherever one of the two does.
    private func apply(_ functions: [CalibrationInForce], to index: Int) {
        let definition = indicators[index]
        typealias Version = DatedFormula<Aggregate>
        let formulas =
            [Version(from: .distantPast, formula: definition.formula, text: definition.formulaText)] + definition.later
        let times = Set(formulas.map(\.from) + functions.map(\.from)).sorted()
        let versions = times.compactMap { time -> Version? in
            guard var version = formulas.last(where: { $0.from <= time }) else { return nil }
            if version.from < time { version.unit = nil }
            version.from = time
            guard let function = functions.last(where: { $0.from <= time }) else { return version }
            version.formula = .binary(
                .add, .number(function.intercept), .binary(.multiply, .number(function.slope), version.formula))
            version.text = "\(function.intercept) + \(function.slope) * (\(version.text))"
            return version
        }
        guard let first = versions.first else { return }
        indicators[index].formula = first.formula
        indicators[index].formulaText = first.text
        indicators[index].later = Array(versions.dropFirst())
    }
}
