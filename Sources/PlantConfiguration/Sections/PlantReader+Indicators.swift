import ConfigurationSource
import Indicators
import Metering

extension PlantReader {
    /// An indicator before all of them are known.
    private struct IndicatorSketch {
        var index: Int
        var formula: Field?
        var condition: Field?
        var unit: Field?
        var model: ModelSketch?
        var maxMissing: Field?
        var calibration: Field?
    }

    /// The indicators.
    func readIndicators(_ top: Section) {
        var sketches: [IndicatorSketch] = []
        for (name, field) in names(top, "indicators", "indicator") {
            indicatorIndex[name] = indicatorNames.count
            indicatorNames.append(name)
            sketches.append(readSketch(name, field))
        }
        resolveCounting()
        for sketch in sketches {
            if let field = sketch.condition { indicators[sketch.index].condition = condition(field) }
            if let field = sketch.formula { readFormulas(field, sketch) }
        }
        resolveModels(sketches.compactMap(\.model))
        refuseCircles(sketches)
        for sketch in sketches {
            if let field = sketch.formula ?? sketch.model?.field { refuseCountedSources(sketch.index, field) }
        }
        addWatchedDays()
    }

    private func readSketch(_ name: String, _ field: Field) -> IndicatorSketch {
        var definition = IndicatorDefinition(
            name: name, rule: WindowRule(grid: .day), formula: .number(0), formulaText: "")
        var sketch = IndicatorSketch(index: indicators.count)
        defer { indicators.append(definition) }
        guard let section = field.section("indicator '\(name)'") else {
            rules.append(nil)
            return sketch
        }
        definition.title = section.field("title")?.text()
        was.indicators[name] = formerName(section)
        sketch.unit = section.field("unit")
        definition.unit = sketch.unit?.text()
        definition.grace = section.field("grace")?.duration(0...WrittenDuration.longest)
        if let field = section.field("model") {
            sketch.model = readModel(field, index: sketch.index, section, unit: sketch.unit)
            rules.append(nil)
            return sketch
        }
        let rule = readRule(section)
        rules.append(rule)
        definition.rule = rule ?? definition.rule
        sketch.formula = section.required("formula")
        sketch.condition = section.field("while")
        definition.during = section.field("during").flatMap(readDuring)
        let minCoverage = section.field("min_coverage")
        definition.minCount = section.field("min_count").flatMap { $0.integer(1...1_000_000_000) }.map(Int.init)
        sketch.maxMissing = section.field("max_missing")
        definition.maxMissing = sketch.maxMissing.flatMap { $0.integer(0...1_000_000_000) }.map(Int.init)
        if let minCoverage {
            definition.minCoverage = minCoverage.share()
        } else if definition.minCount != nil || definition.maxMissing != nil {
            definition.minCoverage = nil
        }
        sketch.calibration = section.field("calibration")
        section.close()
        return sketch
    }

    private func readFormulas(_ field: Field, _ sketch: IndicatorSketch) {
        let versions = dated(field, as: "formula", bringsUnit: true)
        var unit = sketch.unit
        for version in versions {
            unit = version.unit ?? unit
            guard let text = formulaText(version.field), let formula = readFormula(text, version.field, unit) else {
                continue
            }
            if let from = version.from {
                indicators[sketch.index].later.append(
                    DatedFormula(from: from, formula: formula, text: text, unit: version.unit?.text()))
            } else {
                indicators[sketch.index].formula = formula
                indicators[sketch.index].formulaText = text
            }
        }
        if let calibration = sketch.calibration { readCalibration(calibration, of: sketch.index) }
        warnOfLongerWindows(sketch.index, field)
        if let maxMissing = sketch.maxMissing, !versions.isEmpty, indicators[sketch.index].indicators.isEmpty {
            maxMissing.error(
                "'max_missing' counts windows of other indicators, and the formula uses none: "
                    + "what of points may be missing is 'min_coverage' or 'min_count'")
        }
    }

    private func readFormula(_ text: String, _ field: Field, _ unit: Field?) -> Expression<Aggregate>? {
        do {
            let formula = try FormulaParser.indicator(
                text, points: pointLookup, indicators: { [indicatorIndex] in indicatorIndex[$0] })
            if formula.leaves.isEmpty { field.error("the formula names no point and no indicator") }
            checkUnits(formula, field, stated: unit?.text(), unit)
            return formula
        } catch {
            report(error, in: field)
            return nil
        }
    }

    private func warnOfLongerWindows(_ index: Int, _ field: Field) {
        guard let outer = rules[index] else { return }
        for inner in indicators[index].indicators {
            guard let rule = rules[inner], rule.nominalLength > outer.nominalLength else { continue }
            field.warning(
                "the windows of '\(indicatorNames[inner])' are longer than those of '\(indicatorNames[index])': none lies inside"
            )
        }
    }

    private func refuseCircles(_ sketches: [IndicatorSketch]) {
        let inputs = { (index: Int) in
            self.indicators[index].indicators + (self.counting[index].map { [$0] } ?? [])
        }
        for cycle in Cycles(count: indicators.count, inputs: inputs).found {
            let path = (cycle + [cycle[0]]).map { indicatorNames[$0] }.joined(separator: " → ")
            let sketch = sketches[cycle[0]]
            (sketch.formula ?? sketch.model?.field)?.error("the indicators go round in a circle: \(path)")
        }
    }
}
