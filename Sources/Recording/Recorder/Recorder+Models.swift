import Conformity
import Indicators
import Metering
import RecordKeeping
import Storage

/// The baseline model behind an objective: what a demand needs besides the savings (Rules 12).
extension Recorder {
    /// The model of an objective's indicator with the drivers of a window; nil where it is not needed, may not be used, or
    /// a driver is not valid.
    func model(
        of value: IndicatorValue, at objective: ObjectiveAtWork, _ reader: StoreReader
    ) throws -> ModelledWindow? {
        guard objective.definition.requirement.demand.needsModel, let model = objective.indicator.model,
            value.window.start >= model.baseline.end, let fit = try fit(of: objective, reader),
            let regression = fit.regression
        else { return nil }
        var drivers: [Double] = []
        for driver in model.drivers {
            guard let found = try valueOnRecord(driver, value.window, reader), found.status == .valid,
                let number = found.value
            else { return nil }
            drivers.append(number)
        }
        let isShort = WindowRule(grid: objective.indicator.rule.grid).nominalLength < 7 * 86_400_000
        return ModelledWindow(regression: regression, drivers: fit.terms(drivers), isShort: isShort)
    }

    /// The model as it is fitted to the values on record; nil where it may not be used.
    private func fit(of objective: ObjectiveAtWork, _ reader: StoreReader) throws -> ModelFit? {
        if let known = objective.model { return known }
        guard let model = objective.indicator.model else { return nil }
        func values(_ indicator: Int) throws -> [IndicatorValue] {
            var found: [IndicatorValue] = []
            try recordedValues(indicator, in: model.baseline, reader) { value, version in
                if try isAlike(indicator, value.window, version: version, reader) { found.append(value) }
            }
            return found
        }
        let drivers = try model.drivers.map { driver in
            Dictionary(try values(driver).map { ($0.window, $0) }, uniquingKeysWith: { _, last in last })
        }
        let rows = try values(model.subject).map { value in [value] + drivers.map { $0[value.window] } }
        let fit = ModelFit(rows: rows, of: model)
        let usable: ModelFit? = fit.isUsable ? fit : nil
        objective.model = .some(usable)
        return usable
    }

    /// A model is fitted anew where a value of its period is another; every window after it is in doubt.
    func doubtModel(of objective: ObjectiveAtWork, _ windows: [Window], of indicator: Int, _ session: RecordingSession)
    {
        guard objective.definition.requirement.demand.needsModel, let model = objective.indicator.model,
            model.indicators.contains(indicator), windows.contains(where: { model.baseline.contains($0) })
        else { return }
        objective.model = nil
        let end = model.baseline.end
        session.pending.doubt(objective.index, VerdictDoubt(from: end + 1, through: end, start: end))
    }
}
