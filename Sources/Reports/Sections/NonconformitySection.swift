import Conformity
import Metering

/// Each nonconformity of the period with its life, step by step.
enum NonconformitySection {
    static func write(_ figures: ReportFigures, _ page: inout HTMLText) {
        page.table(
            "Nonconformities of the period",
            ["Number", "Objective", "Severity", "Onset", "Raised", "Ended", "Peak", "Limit", "State", "Repeats"],
            figures.nonconformities.map { row($0, figures) }, nothing: "There was no nonconformity in this period.")
        let untouched = figures.nonconformities.count { $0.life.steps.isEmpty }
        if untouched > 0 {
            page.element(
                "p", "Nobody has taken a step with \(untouched) of \(figures.nonconformities.count).", class: "quiet")
        }
        for one in figures.nonconformities where !one.life.steps.isEmpty {
            page.raw("<h3 id=\"\(HTMLText.escaped(one.found.id))\">")
            page.raw("\(HTMLText.escaped("\(one.found.id): \(one.title)"))</h3>\n")
            page.table(
                "The life of \(one.found.id)", ["When", "Step", "By", "What"],
                one.life.steps.map { step in
                    let about = [
                        step.category?.rawValue, step.code?.rawValue, step.owner.map { "owner \($0)" },
                        step.due.map { "due \($0)" },
                    ]
                    let said = (about.compactMap { $0 } + [step.text]).joined(separator: ": ")
                    return [
                        .text(ReportText.time(step.time, figures)), .text(step.kind.rawValue), .text(step.by),
                        .text(said),
                    ]
                }, nothing: "")
        }
        causes(figures, &page)
        kpis(figures, &page)
    }

    /// What was at fault, the commonest first.
    private static func causes(_ figures: ReportFigures, _ page: inout HTMLText) {
        let grouped = Dictionary(grouping: figures.nonconformities) { one in
            let step = one.life.steps.last { $0.kind == .cause }
            return [step?.category?.rawValue ?? "not found yet", step?.code?.rawValue ?? "–"]
        }
        let rows = grouped.map { (cause: $0, count: $1.count, hours: $1.reduce(0) { $0 + $1.duration }) }
            .sorted { ($1.count, $1.hours, $0.cause.joined()) < ($0.count, $0.hours, $1.cause.joined()) }
        page.table(
            "Causes", ["Cause", "Code", "Nonconformities", "Hours in the period"],
            rows.map { row in
                row.cause.map(Cell.text) + [.number("\(row.count)"), .number(ReportText.hours(row.hours))]
            }, nothing: "There is no cause to tell.")
    }

    private static func row(_ one: NonconformityResult, _ figures: ReportFigures) -> [Cell] {
        let found = one.found
        let ended = found.clearedAt ?? found.withdrawnAt
        return [
            .raw(
                one.life.steps.isEmpty
                    ? "<span id=\"\(HTMLText.escaped(found.id))\">\(HTMLText.escaped(found.id))</span>"
                    : HTMLText.link(to: found.id)),
            .text(one.title),
            .toned(found.severity.rawValue, found.severity == .minor ? "quiet" : "bad"),
            .text(ReportText.time(found.onset, figures)), .text(ReportText.time(found.raisedAt, figures)),
            ended.map { .text(ReportText.time($0, figures)) } ?? .toned("lasts", "bad"),
            .number(ReportText.amount(found.peak, found.unit)), .number(ReportText.amount(found.limit, found.unit)),
            .text(one.life.state.rawValue + (found.remark.map { ", \($0)" } ?? "")), .text(found.recurrenceOf ?? "–"),
        ]
    }

    private static func kpis(_ figures: ReportFigures, _ page: inout HTMLText) {
        let stretch = figures.period.stretch
        let raised = figures.nonconformities.filter { stretch.contains($0.found.raisedAt) }
        let closed = figures.nonconformities.count {
            $0.life.steps.contains { $0.kind == .close && stretch.contains($0.time) }
        }
        let answered = raised.compactMap { one in
            one.life.steps.first { $0.kind == .acknowledge }.map { $0.time - one.found.raisedAt }
        }.sorted()
        let judged = figures.objectives.reduce(0) { $0 + $1.evaluable }
        let rate = judged > 0 ? Double(raised.count) / Double(judged) * 1000 : nil
        page.table(
            "Figures about nonconformities", ["Figure", "Value"],
            [
                [.text("Raised"), .number("\(raised.count)")], [.text("Closed"), .number("\(closed)")],
                [.text("Per 1,000 judged windows"), .number(ReportText.number(rate))],
                [
                    .text("Median time from raising to acknowledgement"),
                    .number(answered.isEmpty ? "–" : ReportText.hours(answered[answered.count / 2]) + " h"),
                ],
                [.text("Reopened"), .number("\(figures.nonconformities.count { $0.life.reopenings > 0 })")],
            ], nothing: "")
    }
}
