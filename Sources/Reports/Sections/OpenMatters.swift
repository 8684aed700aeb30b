import Conformity
import Metering

/// What somebody still has to do: each with owner and date.
///
/// Nonconformities of one objective that wait for the same stand in one row: a bad quarter must not hide what else waits.
enum OpenMatters {
    static func write(_ figures: ReportFigures, _ page: inout HTMLText) {
        let today = figures.calendar.date(figures.now)
        var planned: [[Cell]] = []
        var waiting: [Waiting: [String]] = [:]
        for matter in figures.nonconformities where !matter.life.state.isFinal {
            let id = matter.found.id
            let open = matter.life.actions.filter { $0.doneBy == nil }
            if open.isEmpty { waiting[Waiting(matter, figures), default: []].append(id) }
            for action in open {
                let isLate = action.isOverdue(on: today)
                planned.append([
                    .raw(HTMLText.link(to: id)), .text(action.text), .text(action.owner),
                    .text("action \(action.number) planned"),
                    isLate ? .toned("\(action.due), overdue", "bad") : .text(action.due),
                ])
            }
        }
        // What lasts comes first; then in the order of the first number.
        let rows = waiting.sorted { ($1.key.isOngoing ? 1 : 0, $0.value[0]) < ($0.key.isOngoing ? 1 : 0, $1.value[0]) }
        page.table(
            "What waits for somebody", ["Nonconformity", "What", "Who", "State", "Due"],
            rows.map(row) + planned, nothing: "Nothing waits for anybody.")
    }

    private static func row(_ waiting: Waiting, _ ids: [String]) -> [Cell] {
        let links = ids.count > 3 ? [ids[0], ids[ids.count - 1]] : ids
        let joined = links.map(HTMLText.link).joined(separator: ids.count > 3 ? " to " : ", ")
        return [
            .raw(ids.count > 3 ? "\(ids.count): \(joined)" : joined), .text(waiting.what), .text(waiting.who),
            .toned(waiting.condition, waiting.isOngoing ? "bad" : "quiet"), .text("–"),
        ]
    }

    /// What nonconformities without a planned action wait for.
    private struct Waiting: Hashable {
        var what: String
        var who: String
        var condition: String
        var isOngoing: Bool

        init(_ matter: NonconformityResult, _ figures: ReportFigures) {
            what = "\(matter.title): \(matter.life.state.sentence)"
            who =
                figures.objectives.first { $0.name == matter.found.objectiveName }?.definition?.responsible
                ?? "nobody named"
            condition = matter.found.condition.rawValue
            isOngoing = matter.found.condition == .ongoing
        }
    }
}
