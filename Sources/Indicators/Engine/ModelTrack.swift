import Metering

/// A baseline model at work: it is fitted once its period is over, and compares every later window with it (Rules 12).
final class ModelTrack {
    private let model: BaselineModel
    private let subject: ValueSeries
    private let drivers: [ValueSeries]
    private var fit: (fit: ModelFit, isUsable: Bool, changes: Int)?
    /// The last sum of savings, of the windows closed so far.
    var sum: Double?
    /// A fit not handed out yet.
    private var news: ModelFit?

    /// The series must be those of the model's indicators.
    init?(_ model: BaselineModel, sources: [ValueSeries]) {
        func series(_ index: Int) -> ValueSeries? { sources.first { $0.index == index } }
        guard let subject = series(model.subject) else { return nil }
        self.model = model
        self.subject = subject
        drivers = model.drivers.compactMap(series)
        for source in sources { source.keep(model.baseline) }
    }

    /// The fit since the last call, where there was one.
    func takeNews() -> ModelFit? {
        defer { news = nil }
        return news
    }

    /// Takes note of the value of a closed window.
    func closed(_ value: IndicatorValue) {
        if model.isRunning, let number = value.value { sum = number }
    }

    /// The value over a window whose other values are all in.
    func value(over window: Window, indicator: Int, revision: Int) -> IndicatorValue {
        var result = IndicatorValue(
            indicator: indicator, window: window, value: nil, status: .undefined, coverage: 0, base: window.length,
            revision: revision)
        guard window.start >= model.baseline.end else { return result }
        let used = drivers + (model.result == .predicted ? [] : [subject])
        var numbers: [Double] = []
        for series in used {
            guard let value = series.value(of: window), value.status == .valid, let number = value.value else {
                result.status = .insufficient
                return result
            }
            numbers.append(number)
            result.flags.formUnion(value.flags.intersection([.estimated, .suspect, .uncertain]))
        }
        result.coverage = 1
        result.value = number(numbers)
        if result.value != nil { result.status = .valid }
        return result
    }

    /// Nil where the model may not be used, or not for these drivers.
    private func number(_ numbers: [Double]) -> Double? {
        guard let fit = usableFit(), let regression = fit.regression else { return nil }
        let values = Array(numbers.prefix(drivers.count))
        for (value, span) in zip(values, fit.spans) where !isKnown(value, span) { return nil }
        let predicted = regression.predicted(fit.terms(values))
        guard predicted.isFinite else { return nil }
        guard model.result != .predicted, let actual = numbers.last else { return predicted }
        let savings = predicted - actual
        return model.isRunning ? (sum ?? 0) + savings : savings
    }

    private func isKnown(_ value: Double, _ span: LinearRegression.Span) -> Bool {
        switch model.range {
        case .observed: value >= span.least && value <= span.greatest
        case .deviations: abs(value - span.mean) <= 3 * span.deviation
        }
    }

    private func usableFit() -> ModelFit? {
        let changes = ([subject] + drivers).reduce(0) { $0 + $1.keptChanges }
        if fit == nil || fit?.changes != changes {
            let made = fitted()
            fit = (made, made.isUsable, changes)
            news = made
        }
        return fit?.isUsable == true ? fit?.fit : nil
    }

    private func fitted() -> ModelFit {
        let rows = subject.kept(in: model.baseline).map { value in
            [value] + drivers.map { $0.keptValue(of: value.window) }
        }
        return ModelFit(rows: rows, of: model)
    }
}
