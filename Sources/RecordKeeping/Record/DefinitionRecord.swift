import Foundation
import Indicators
import Metering
import PlantConfiguration
import Storage

/// What the database remembers of the definitions in force, so that a change of them is noticed, written into the
/// journal, and carried out from its date on.
package struct DefinitionRecord: Codable, Equatable {
    /// A formula and from when it holds; nil: from the beginning.
    package struct Formula: Codable, Equatable {
        package var from: Int64?
        package var text: String

        /// A formula.
        package init(from: Int64? = nil, text: String) {
            self.from = from
            self.text = text
        }
    }

    /// A declared exchange of a meter.
    package struct Exchange: Codable, Equatable {
        package var time: Int64
        package var closing: Double
        package var opening: Double

        /// An exchange.
        package init(time: Int64, closing: Double, opening: Double) {
            self.time = time
            self.closing = closing
            self.opening = opening
        }
    }

    /// By indicator.
    package var indicators: [String: [Formula]] = [:]
    /// By derived point.
    package var derived: [String: [Formula]] = [:]
    /// By measured point, how a register's number becomes a value, where that is not as it stands.
    package var scales: [String: [Formula]] = [:]
    /// By counter.
    package var exchanges: [String: [Exchange]] = [:]

    private static let key = "definitions"

    /// The definitions of a plant, with the exchanges of a plan that knows all of them.
    package init(_ plant: Plant, plan: IndicatorPlan) {
        for indicator in plan.indicators where !indicator.isHidden {
            indicators[indicator.name] =
                [Formula(text: indicator.definitionText(in: plan))]
                + indicator.later.map { later in
                    Formula(from: later.from.milliseconds, text: later.text + (later.unit.map { ", unit \($0)" } ?? ""))
                }
        }
        for point in plan.derived {
            derived[plan.points[Int(point.point)].name] =
                [Formula(text: point.formulaText)]
                + point.later.map { Formula(from: $0.from.milliseconds, text: $0.text) }
        }
        for point in plan.points where !point.exchanges.isEmpty {
            exchanges[point.name] = point.exchanges.map {
                Exchange(time: $0.time.milliseconds, closing: $0.closing, opening: $0.opening)
            }
        }
        for meter in plant.meters {
            for point in meter.points {
                let texts = point.scaleTexts
                if texts != [Formula(text: "1")] { scales["\(meter.name).\(point.name)"] = texts }
            }
        }
    }

    /// What a store remembers; nil where it remembers nothing yet.
    package init?(from reader: StoreReader) throws {
        guard let text = try reader.note(DefinitionRecord.key),
            let record = try? JSONDecoder().decode(DefinitionRecord.self, from: Data(text.utf8))
        else { return nil }
        self = record
    }

    /// Lets what is remembered follow its things to new names.
    package static func rename(_ names: NewNames, in writer: StoreWriter) throws {
        guard !names.isEmpty, var record = try DefinitionRecord(from: writer) else { return }
        func renamed<Value>(_ all: [String: Value], _ names: [String: String]) -> [String: Value] {
            Dictionary(all.map { (names[$0.key] ?? $0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
        }
        record.indicators = renamed(record.indicators, names.indicators)
        record.derived = renamed(record.derived, names.points)
        record.scales = renamed(record.scales, names.points)
        record.exchanges = renamed(record.exchanges, names.points)
        try record.keep(in: writer)
        for (old, new) in names.indicators.sorted(by: { $0.key < $1.key }) {
            guard let model = try writer.note("model." + old) else { continue }
            try writer.setNote("model." + new, model)
            try writer.setNote("model." + old, nil)
        }
    }

    /// The exchanges in force then, whoever declared them.
    package var declaredExchanges: [DeclaredExchange] {
        exchanges.flatMap { point, exchanges in
            exchanges.map {
                DeclaredExchange(
                    point: point, time: Instant(milliseconds: $0.time), closing: $0.closing, opening: $0.opening,
                    by: "", at: .distantPast)
            }
        }
    }

    /// Writes it into a store.
    package func keep(in writer: StoreWriter) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try writer.setNote(DefinitionRecord.key, String(decoding: encoder.encode(self), as: UTF8.self))
    }
}

extension IndicatorDefinition {
    /// What it is computed from, as configured; a model in words.
    fileprivate func definitionText(in plan: IndicatorPlan) -> String {
        guard let model else { return formulaText }
        let drivers = model.drivers.map { plan.indicators[$0].name }.joined(separator: ", ")
        return "\(model.result.rawValue) of \(plan.indicators[model.subject].name) by \(drivers), baseline "
            + "\(model.baseline.start.text) to \(model.baseline.end.text), range \(model.range.rawValue)"
    }
}

extension MeasuredPoint {
    /// Its scale and offset, and what takes their place later.
    fileprivate var scaleTexts: [DefinitionRecord.Formula] {
        let offset = map.offset == 0 ? "" : ", offset \(map.offset)"
        func text(_ scale: Double) -> String { (scale == 1 ? "1" : "\(scale)") + offset }
        return [DefinitionRecord.Formula(text: text(map.scale))]
            + map.laterScales.map { DefinitionRecord.Formula(from: $0.from.milliseconds, text: text($0.scale)) }
    }
}
