import Indicators
import Metering
import PlantConfiguration
import RecordKeeping
import Storage

/// Computes single windows of a plant's indicators from what is stored, by the code that closes them (Rules 5 to 8).
package struct WindowEvaluation {
    private let recorder: Recorder
    private let past: PastPlant
    private let reader: StoreReader

    /// For the plant of a version; `reader` sees the store by its names (``StoreReader/seen(by:ofVersion:)``).
    package init(_ past: PastPlant, store: PlantStore, reader: StoreReader) throws {
        self.past = past
        self.reader = reader
        recorder = Recorder(store: store, plant: past.plant, isLive: false)
        recorder.version = past.version
        recorder.rules = PlantDefinitions(past.plant).rules
        recorder.plan = past.plant.plan.with(try DeclaredExchange.all(in: reader))
        recorder.recordStart = try reader.recordStart()
        recorder.pastClock = try reader.clock()
        recorder.ends = try reader.definitionEnds().filter { $0.version < past.version }
    }

    /// The plan, with the exchanges of meters that were declared.
    package var plan: IndicatorPlan { recorder.plan }

    /// The value of one aggregate of an indicator over a window; nil where it has none.
    package func value(of part: Aggregate, in indicator: Int, over window: Window) throws -> Double? {
        guard recorder.pastClock != nil else { return nil }
        let whole = recorder.plan.indicators[indicator]
        recorder.plan.indicators[indicator].formula = .leaf(part)
        recorder.plan.indicators[indicator].later = []
        // What the formula demands of its data is the whole's affair.
        defer { recorder.plan.indicators[indicator] = whole }
        return try recorder.evaluate(indicator, over: window, reader)?.value
    }

    /// The formula in force for windows that begin at an instant, and as it was written.
    package func formula(of indicator: Int, at start: Instant) -> (Expression<Aggregate>, text: String) {
        let definition = recorder.plan.indicators[indicator]
        let dated = definition.later.last { $0.from <= start }
        return dated.map { ($0.formula, $0.text) } ?? (definition.formula, definition.formulaText)
    }
}
