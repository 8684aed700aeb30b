import Conformity
import Indicators
import Metering
import Storage

/// How far the running sum of savings may lie from 0 though nothing was saved: the uncertainty of the baseline model, on both
/// sides (Rules 12).
struct SavingsBand {
    static let confidence = ExactFraction(90, 100)

    /// The half width by the end of each window, from the end of the baseline period on; empty where the model may not be used.
    let halfWidths: [Instant: Double]

    /// The band of an indicator with a model, by the values on record.
    init(of indicator: IndicatorDefinition, _ model: BaselineModel, _ figures: ReportFigures) throws {
        guard let plan = figures.record.plan else {
            halfWidths = [:]
            return
        }
        func values(_ index: Int, in stretch: Window) throws -> [IndicatorValue] {
            let names = figures.reader.names.indicators
            guard let place = names.firstIndex(where: { $0.name == plan.indicators[index].name }) else { return [] }
            var found: [IndicatorValue] = []
            try figures.reader.values(place, in: stretch) { found.append($0) }
            return found
        }
        func rows(in stretch: Window) throws -> [[IndicatorValue?]] {
            let drivers = try model.drivers.map { driver in
                Dictionary(try values(driver, in: stretch).map { ($0.window, $0) }) { _, last in last }
            }
            return try values(model.subject, in: stretch).map { value in [value] + drivers.map { $0[value.window] } }
        }
        let fit = ModelFit(rows: try rows(in: model.baseline), of: model)
        guard fit.isUsable, let regression = fit.regression else {
            halfWidths = [:]
            return
        }
        let isShort = WindowRule(grid: indicator.rule.grid).nominalLength < 7 * 86_400_000
        let modelled = ModelledWindow(regression: regression, drivers: [], isShort: isShort)
        var found: [Instant: Double] = [:]
        var sums = [Double](repeating: 0, count: regression.drivers.count)
        var count = 0
        for row in try rows(in: Window(start: model.baseline.end, end: figures.period.stretch.end)) {
            let numbers = row.compactMap { $0?.status == .valid ? $0?.value : nil }
            // A window without savings adds nothing to the sum, and nothing to what is uncertain of it.
            if numbers.count == row.count {
                count += 1
                for (place, term) in fit.terms(Array(numbers.dropFirst())).enumerated() { sums[place] += term }
            }
            guard count > 0, let end = row.first??.window.end else { continue }
            found[end] = modelled.uncertainty(
                over: count, driverSums: sums, confidence: SavingsBand.confidence.value)
        }
        halfWidths = found
    }
}
