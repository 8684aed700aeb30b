import Conformity
import Metering
import PlantConfiguration
import Recording
import Storage

extension Page {
    private static let figureColumns =
        [
            ListingColumn("by"), ListingColumn("name"), ListingColumn("raised", .number),
            ListingColumn("closed", .number), ListingColumn("open", .number), ListingColumn("overdue", .number),
            ListingColumn("systemic", .number), ListingColumn("reopened_share", .share),
            ListingColumn("effective_share", .share),
        ] + NonconformityFigures.Step.allCases.map { ListingColumn("days_\($0.rawValue)", .number) }
        + [ListingColumn("judged", .number), ListingColumn("per_1000", .number)]

    /// The figures for a review: of all nonconformities, then by cause, code, area and objective (Rules 10).
    func figures() throws {
        let all = try reader.nonconformitiesInShort().map { found in
            let life = try reader.life(of: found.id)
            return ReviewedNonconformity(
                found: found, life: life, isOverdue: try overdue(found) != nil, areas: areas(of: found))
        }
        let stretch = isDefaultStretch ? Window(start: .distantPast, end: .distantFuture) : wholeStretch
        let judged = try names.objectives.indices.map { try reader.countEvaluable($0, in: stretch) }
        var printer = printer(Page.figureColumns)
        func row(_ by: String, _ name: String, _ some: [ReviewedNonconformity], _ judged: Int) throws {
            let figures = NonconformityFigures(some, in: stretch, judged: judged)
            try printer.row(
                [
                    .text(by), name.isEmpty ? .none : .text(name), .count(figures.raised), .count(figures.closed),
                    .count(figures.open), .count(figures.overdue), .count(figures.systemic),
                    .optional(figures.reopenedShare), .optional(figures.effectiveShare),
                ] + NonconformityFigures.Step.allCases.map { .optional(figures.days[$0]) } + [
                    .count(figures.judged), .optional(figures.perThousand),
                ])
        }
        let total = judged.reduce(0, +)
        try row("all", "", all, total)
        func rows(_ by: String, _ name: (LifecycleStep) -> String?) throws {
            let causes = Dictionary(grouping: all) { $0.life.steps.last { $0.kind == .cause }.flatMap(name) ?? "" }
            for (cause, some) in causes.sorted(by: { $0.key < $1.key }) where !cause.isEmpty {
                try row(by, cause, some, total)
            }
        }
        try rows("cause") { $0.category?.rawValue }
        try rows("code") { $0.code?.rawValue }
        for area in Set(all.flatMap(\.areas)).sorted() {
            let own = names.objectives.indices.filter { areas(ofObjective: names.objectives[$0].name).contains(area) }
            try row("area", area, all.filter { $0.areas.contains(area) }, own.reduce(0) { $0 + judged[$1] })
        }
        for (index, objective) in names.objectives.enumerated() {
            let some = all.filter { $0.found.objectiveName == objective.name }
            try row("objective", objective.name, some, judged[index])
        }
        try printer.end(nothing: "")
    }

    private func areas(of found: Nonconformity) -> [String] {
        if let area = found.finding?.area { return [area] }
        return areas(ofObjective: found.objectiveName).sorted()
    }

    private func areas(ofObjective name: String) -> Set<String> {
        guard let plant = record.plant, let objective = plant.objectives.first(where: { $0.name == name }) else {
            return []
        }
        let meters = plant.plan.meters(behind: objective.indicator)
        return Set(plant.meters.filter { meters.contains($0.name) }.compactMap(\.area))
    }
}
