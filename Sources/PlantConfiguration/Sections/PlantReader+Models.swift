import ConfigurationSource
import Indicators
import Metering

/// The `model` of an indicator before all indicators are known.
struct ModelSketch {
    /// The indicator that it belongs to.
    var index: Int
    var field: Field
    var unit: Field?
    var subject: Field?
    var drivers: [Field]
    /// The indicator whose model is meant.
    var like: Field?
    var baseline: Window?
    var result: BaselineModel.Result
    var range: BaselineModel.Range
    var greatestVariation: ExactFraction?
    var shape = BaselineModel.Shape.linear
}

extension PlantReader {
    /// What stands under `model`; nil where it is faulty.
    func readModel(_ field: Field, index: Int, _ indicator: Section, unit: Field?) -> ModelSketch? {
        indicator.refuse(
            ["formula", "window", "every", "while", "min_coverage", "min_count"],
            "does not stand beside 'model': its windows are those of the indicator that it explains")
        defer { indicator.close() }
        guard let section = field.section("'model'") else { return nil }
        defer { section.close() }
        let result = section.field("gives").map { $0.word(BaselineModel.Result.self) } ?? .predicted
        var sketch = ModelSketch(
            index: index, field: field, unit: unit, drivers: [], result: result ?? .predicted, range: .observed)
        if let like = section.field("like") {
            section.refuse(
                ["of", "drivers", "from", "to", "range", "max_cv", "shape"],
                "is taken over from the model named by 'like'")
            sketch.like = like
            return sketch
        }
        sketch.subject = section.required("of")
        sketch.drivers = section.required("drivers")?.oneOrMore() ?? []
        if let range = section.field("range") { sketch.range = range.word(BaselineModel.Range.self) ?? .observed }
        sketch.greatestVariation = section.field("max_cv").flatMap { $0.share() }
        if let field = section.field("shape") {
            sketch.shape = field.word(BaselineModel.Shape.self) ?? .linear
            if sketch.shape != .linear, sketch.drivers.count > 1 {
                field.error("a model with change points has one driver, a temperature, not \(sketch.drivers.count)")
            }
        }
        let from = section.required("from")?.instant(calendar)
        let toField = section.required("to")
        let to = toField?.instant(calendar)
        if sketch.drivers.isEmpty { section.field("drivers")?.error("a model needs at least one driver") }
        guard let from, let to else { return sketch }
        if from < to {
            sketch.baseline = Window(start: from, end: to)
        } else {
            toField?.error("'to' must be after 'from'")
        }
        return sketch
    }

    /// Finds the indicators of the models, once all are read.
    func resolveModels(_ sketches: [ModelSketch]) {
        for sketch in sketches where sketch.like == nil {
            if let model = model(sketch) { take(model, sketch) }
        }
        for sketch in sketches {
            guard let field = sketch.like, let other = indicator(field) else { continue }
            guard var model = indicators[other].model else {
                let isFaulty = sketches.contains { $0.index == other && $0.like == nil }
                if !isFaulty { field.error("'\(indicatorNames[other])' has no model of its own") }
                continue
            }
            model.result = sketch.result
            take(model, sketch)
        }
    }

    private func model(_ sketch: ModelSketch) -> BaselineModel? {
        let subject = sketch.subject.flatMap(explained)
        let drivers = sketch.drivers.map { ($0, explained($0)) }
        guard let subject, let baseline = sketch.baseline, drivers.allSatisfy({ $0.1 != nil }) else { return nil }
        var indexes: [Int] = []
        for case (let field, let driver?) in drivers {
            if driver == subject {
                field.error("an indicator does not explain itself")
            } else if indexes.contains(driver) {
                field.error("driver '\(indicatorNames[driver])' is listed twice")
            } else if let rule = rules[driver], let own = rules[subject], rule != own {
                field.error(
                    "the windows of '\(indicatorNames[driver])' are not those of '\(indicatorNames[subject])'")
            }
            indexes.append(driver)
        }
        var model = BaselineModel(
            subject: subject, drivers: indexes, baseline: baseline, result: sketch.result, range: sketch.range)
        model.shape = sketch.shape
        model.greatestVariation = sketch.greatestVariation
        return model
    }

    private func take(_ model: BaselineModel, _ sketch: ModelSketch) {
        let subject = indicators[model.subject]
        if let unit = sketch.unit, let stated = unit.node.scalar?.text,
            UnitOfValue(stated: stated).combined(with: UnitOfValue(stated: subject.unit)) == nil
        {
            unit.error("the model gives \(subject.unit ?? ""), and 'unit' says \(stated)")
        }
        indicators[sketch.index].unit = indicators[sketch.index].unit ?? subject.unit
        indicators[sketch.index].rule = subject.rule
        indicators[sketch.index].model = model
        rules[sketch.index] = rules[model.subject]
    }

    /// An indicator that a model can be made of: one with a formula.
    private func explained(_ field: Field) -> Int? {
        guard let index = indicator(field) else { return nil }
        if indicators[index].model != nil || rules[index] == nil && indicators[index].formulaText.isEmpty {
            field.error("'\(indicatorNames[index])' has no formula: a model is made of measured indicators")
            return nil
        }
        return rules[index] == nil ? nil : index
    }

    private func indicator(_ field: Field) -> Int? {
        guard let name = field.name("the name of an indicator") else { return nil }
        if let index = indicatorIndex[name] { return index }
        log.error(field.mark, "unknown indicator '\(name.prefix(60))'", near: name, among: indicatorNames)
        return nil
    }
}
