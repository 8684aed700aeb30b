import Conformity
import Indicators
import ManagementSystem
import Metering

/// What belongs together: objective, indicator, points; and where something is missing.
enum RegisterSection {
    static func write(_ figures: ReportFigures, _ page: inout HTMLText) {
        tree(figures, &page)
        page.table(
            "From obligation to meter", ["Objective", "Obligation", "Responsible", "Indicator", "Formula"],
            figures.objectives.map { objective in
                let indicator = figures.indicators.first { $0.name == objective.indicator }
                return [
                    .text(objective.title),
                    hole(objective.definition?.reference ?? obligation(of: objective.name, figures), "no reference"),
                    hole(objective.definition?.responsible, "nobody named"), .text(objective.indicator),
                    .raw(indicator?.definition.map { "<code>\(HTMLText.escaped($0.formulaText))</code>" } ?? "–"),
                ]
            }, nothing: "No objectives are configured.")
        var holes = figures.holes.map(\.message)
        let judged = Set(figures.objectives.map(\.indicator))
        let texts = figures.indicators.compactMap { $0.definition?.formulaText }.joined(separator: " ")
        for indicator in figures.indicators where !judged.contains(indicator.name) && !texts.contains(indicator.name) {
            holes.append("indicator \(indicator.name) has no objective")
        }
        for point in figures.points where !texts.contains(point.name) {
            holes.append("point \(point.name) is in no indicator's formula")
        }
        if figures.record.plant == nil {
            holes.append(
                "the configuration in force cannot be read here: references, people and formulas are not shown")
        }
        page.element("h3", "Holes")
        page.table("What nothing is said about", ["Hole"], holes.map { [.text($0)] }, nothing: "None was found.")
    }

    /// What binds the site to an objective that names no reference of its own.
    private static func obligation(of objective: String, _ figures: ReportFigures) -> String? {
        guard let register = figures.record.plant?.register,
            let duty = register.duties.first(where: { $0.objective == objective }), !duty.obligations.isEmpty
        else { return nil }
        return register.obligations.filter { duty.obligations.contains($0.name) }
            .map { $0.reference ?? $0.title ?? $0.name }.joined(separator: ", ")
    }

    private static func hole(_ text: String?, _ missing: String) -> Cell {
        text.map(Cell.text) ?? .toned(missing, "warning")
    }

    /// What the configuration says of policy, aspects, obligations and people, down to the meters.
    private static func tree(_ figures: ReportFigures, _ page: inout HTMLText) {
        guard let register = figures.record.plant?.register, register.isKept else {
            return page.element(
                "p", "No register of policy, aspects and obligations is kept in the configuration.", class: "t-warning")
        }
        let tree = RegisterTree(register, holes: figures.holes, checks: figures.checks, in: figures.calendar)
        page.table(
            "The register", ["What", "Name", "Title", "Details", "Hole"],
            tree.lines.map { line in
                [
                    .text(String(repeating: "– ", count: line.depth) + line.kind), .text(line.name),
                    .text(line.title ?? ""), .text(line.detail ?? ""),
                    line.gap.map { .toned($0, "warning") } ?? .text(""),
                ]
            }, nothing: "")
    }
}
