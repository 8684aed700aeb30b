import Conformity
import Metering

/// What somebody still has to do: each with owner and date.
enum OpenMatters {
    static func write(_ figures: ReportFigures, _ page: inout HTMLText) {
        let today = figures.calendar.date(figures.now)
        var rows: [[Cell]] = []
        for matter in figures.nonconformities where !matter.life.state.isFinal {
            let link = Cell.raw(
                "<a href=\"#\(HTMLText.escaped(matter.found.id))\">\(HTMLText.escaped(matter.found.id))</a>")
            let open = matter.life.actions.filter { $0.doneBy == nil }
            let what = "\(matter.title): \(matter.life.state.sentence)"
            guard !open.isEmpty else {
                let responsible = figures.objectives.first { $0.name == matter.found.objectiveName }?.definition?
                    .responsible
                rows.append([
                    link, .text(what), .text(responsible ?? "nobody named"),
                    .toned(matter.found.condition.rawValue, matter.found.condition == .ongoing ? "bad" : "quiet"),
                    .text("–"),
                ])
                continue
            }
            for action in open {
                let isLate = action.isOverdue(on: today)
                rows.append([
                    link, .text(action.text), .text(action.owner), .text("action \(action.number) planned"),
                    isLate ? .toned("\(action.due), overdue", "bad") : .text(action.due),
                ])
            }
        }
        page.table(
            "What waits for somebody", ["Nonconformity", "What", "Who", "State", "Due"], rows,
            nothing: "Nothing waits for anybody.")
    }
}
