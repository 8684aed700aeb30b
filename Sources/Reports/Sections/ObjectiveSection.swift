import Charts
import Conformity
import Listings
import Metering

/// Each objective: what it demands, how near it came, how it was judged, and a calendar of the year.
enum ObjectiveSection {
    static func write(_ figures: ReportFigures, _ page: inout HTMLText) {
        let rows = figures.objectives.map { row($0, figures) }
        page.table(
            "Objectives: values against limits",
            [
                "Objective", "Last value", "Limit", "Worst value", "Margin", "Not met", "Warning", "Windows",
                "Evaluable", "Period before", "",
            ],
            rows, nothing: "No objectives are configured.")
        for objective in figures.objectives where objective.windows > 0 { calendars(objective, figures, &page) }
    }

    private static func row(_ objective: ObjectiveResult, _ figures: ReportFigures) -> [Cell] {
        let reference =
            objective.definition?.reference.map { "<br><span class=\"quiet\">\(HTMLText.escaped($0))</span>" } ?? ""
        let name = Cell.raw(HTMLText.escaped(objective.title) + reference)
        let notMet = objective.counts[.notMet] ?? 0
        let warnings = objective.counts[.warning] ?? 0
        let share = ObjectiveResult.shareNotMet(objective.counts)
        let earlier = ObjectiveResult.shareNotMet(objective.before)
        let trend: String
        switch (share, earlier) {
        case (let now?, let then?):
            trend =
                "\(ReportText.share(then)) not met" + (now > then ? ", now worse" : now < then ? ", now better" : "")
        default: trend = "–"
        }
        var warn: Double?
        if case .limits(let limits)? = objective.definition?.requirement { warn = limits.warn }
        let bar = BulletBar(
            title: objective.title, value: objective.worst?.value, limit: objective.worst?.limit, warning: warn,
            unit: objective.unit)
        return [
            name, .number(ReportText.amount(objective.last?.value, objective.unit)),
            .number(ReportText.amount(objective.last?.limit, objective.unit)),
            .number(ReportText.amount(objective.worst?.value, objective.unit)), .number(margin(objective)),
            notMet > 0 ? .tonedNumber("\(notMet)", "bad") : .number("0"),
            warnings > 0 ? .tonedNumber("\(warnings)", "warning") : .number("0"),
            objective.suspect > 0
                ? .tonedNumber("\(objective.windows), \(objective.suspect) suspect", "warning")
                : .number("\(objective.windows)"),
            .number(
                ReportText.share(objective.windows == 0 ? nil : Double(objective.evaluable) / Double(objective.windows))
            ),
            .text(trend), .raw(bar.svg),
        ]
    }

    /// How far the worst value stayed from its limit, as a share of it; negative beyond it.
    private static func margin(_ objective: ObjectiveResult) -> String {
        guard let worst = objective.worst, worst.limit != 0 else { return "–" }
        let isLower = objective.definition?.requirement.demand.hasLowerLimitOnly ?? false
        let room = isLower ? worst.value - worst.limit : worst.limit - worst.value
        return ReportText.change(room + abs(worst.limit), abs(worst.limit))
    }

    private static func calendars(_ objective: ObjectiveResult, _ figures: ReportFigures, _ page: inout HTMLText) {
        page.element("h3", objective.title)
        let years = Set(objective.days.keys.map { $0.components.year }).sorted()
        let marks = objective.days.mapValues(mark)
        for year in years {
            let days = marks.filter { $0.key.components.year == year }
            let picture = VerdictCalendar(title: objective.title, year: year, days: days)
            let months = (1...12).compactMap { month -> [Cell]? in
                let own = days.filter { $0.key.components.month == month }
                guard !own.isEmpty else { return nil }
                let counts = [VerdictCalendar.Mark.met, .warning, .notMet, .notEvaluable].map { mark in
                    Cell.number("\(own.values.count { $0 == mark })")
                }
                return [.text("\(ChartText.months[month - 1]) \(year)")] + counts
            }
            page.figure(
                picture.svg, "The worst verdict of each local day of \(year): \(objective.title)",
                ["Month", "Days met", "Warning", "Not met", "Not evaluable"], months)
        }
    }

    private static func mark(_ verdict: Verdict) -> VerdictCalendar.Mark {
        switch verdict {
        case .met: .met
        case .warning: .warning
        case .notMet: .notMet
        case .notEvaluable: .notEvaluable
        }
    }
}
