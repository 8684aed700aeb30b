import Conformity
import Foundation
import Indicators
import Metering
import PlantAPI

extension Page {
    /// How many closed values a row has.
    private static let recentCount = 30

    /// Where each indicator stands: newest and open value, the last ones, the limit of its objective and its verdict.
    func overview() throws {
        let provisional = record.live?().provisional ?? []
        let rows = try names.indicators.indices.filter { !names.indicators[$0].isHidden }.map { index in
            try row(of: index, open: provisional.last { $0.indicator == index })
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let document = try encoder.encode(OverviewDocument(indicators: rows))
        try sink(Array((ShownText.json(String(decoding: document, as: UTF8.self)) + "\n").utf8))
    }

    private func row(of index: Int, open: IndicatorValue?) throws -> OverviewDocument.Row {
        let shown = names.indicators[index]
        var row = OverviewDocument.Row(name: shown.name, title: shown.title, unit: shown.unit)
        if let plan, plan.indicators.indices.contains(index) {
            let span = Int64(Page.recentCount) * plan.indicators[index].rule.step
            var values: [IndicatorValue] = []
            let recent = Window(start: now - 2 * span, end: now)
            try reader.values(index, overlapping: recent) { values.append($0) }
            row.recent = values.suffix(Page.recentCount).map { $0.status == .valid ? $0.value : nil }
            if let last = values.last {
                row.value = last.value
                row.end = last.window.end.text
                row.status = last.status.text
                row.coverage = last.coverage
            }
        }
        row.open = open?.value
        guard let place = names.objectives.firstIndex(where: { $0.indicator == shown.name }) else { return row }
        let name = names.objectives[place].name
        row.objective = name
        let judged = try reader.lastVerdict(place, before: .distantFuture)
        row.verdict = judged?.verdict.text
        row.limit = judged?.limit
        guard let objective = record.plant?.objectives.first(where: { $0.name == name }) else { return row }
        row.isLowerLimit = objective.requirement.demand.hasLowerLimitOnly
        if case .limits(let limits) = objective.requirement {
            row.limit = limits.max ?? limits.min
            row.warning = limits.warn
        }
        return row
    }
}
