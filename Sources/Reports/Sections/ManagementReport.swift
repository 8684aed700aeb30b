import Conformity
import Listings
import Metering
import PlantAPI
import Storage

/// The report for the management review and the auditor: one HTML file that needs nothing else.
///
/// The same data make the same bytes; the only time of the making in it is `now`, said in one line.
///
/// ```
/// let period = try ReportPeriod(from: "2026-01-01", to: "2026-12-31", now: now, calendar: record.calendar)
/// let html = try ManagementReport.html(record, period, now: now)
/// ```
package struct ManagementReport {
    /// One part of the report: its place, its heading, and what writes it.
    struct Section: Sendable {
        var id: String
        var title: String
        var write: @Sendable (ReportFigures, inout HTMLText) throws -> Void
    }

    /// The parts in the order in which managers read; a new one is one line here.
    static let sections: [Section] = [
        Section(id: "open", title: "Open matters", write: OpenMatters.write),
        Section(id: "objectives", title: "Objectives", write: ObjectiveSection.write),
        Section(id: "energy", title: "Energy", write: { try AreaSection.write(.energy, $0, &$1) }),
        Section(id: "water", title: "Water", write: { try AreaSection.write(.water, $0, &$1) }),
        Section(id: "emissions", title: "Emissions", write: { try AreaSection.write(.emissions, $0, &$1) }),
        Section(id: "other", title: "Other indicators", write: { try AreaSection.write(.other, $0, &$1) }),
        Section(id: "nonconformities", title: "Nonconformities", write: NonconformitySection.write),
        Section(id: "quality", title: "Quality of the data", write: QualitySection.write),
        Section(id: "calibration", title: "Calibration", write: CalibrationSection.write),
        Section(id: "changes", title: "Changes of definitions", write: ChangeSection.write),
        Section(id: "register", title: "Register and its holes", write: RegisterSection.write),
        Section(id: "review", title: "Inputs of the management review (9.3)", write: ReviewSection.write),
        Section(id: "verify", title: "How to verify this report", write: VerifySection.write),
    ]

    /// Writes the report of a period from one state of the record.
    ///
    /// `now`: the time to which open episodes are told. Throws what reading the record throws.
    package static func html(_ record: PlantRecord, _ period: ReportPeriod, now: Instant) throws -> String {
        try record.read { reader in
            let figures = try ReportFigures(record, reader, period, now: now)
            return try html(figures)
        }
    }

    private static func html(_ figures: ReportFigures) throws -> String {
        let site = figures.record.plantSummary.site
        let (first, last) = figures.period.days
        let title = "\(site), \(ReportText.day(first)) to \(ReportText.day(last))"
        var page = HTMLText()
        page.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        page.raw(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"
        )
        page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
        page.element("title", "Environment and energy report: \(title)")
        page.raw("<style>\(PageStyle.css)</style></head>\n<body>\n<header>")
        page.element("h1", title)
        let zone = figures.record.plantSummary.timezone
        page.element(
            "p",
            "Environment and energy report; times are local (\(zone)); data as of \(ReportText.time(figures.now, figures)).",
            class: "quiet")
        page.raw("</header>\n<main>\n")
        let sentence = verdict(figures)
        page.element("p", sentence.text, class: sentence.isWell ? "verdict" : "verdict bad")
        page.raw("<nav aria-label=\"Contents\"><ol>")
        page.raw(sections.map { "<li><a href=\"#\($0.id)\">\($0.title)</a></li>" }.joined())
        page.raw("</ol></nav>\n")
        for section in sections {
            page.raw(
                "<section id=\"\(section.id)\" aria-labelledby=\"h-\(section.id)\"><h2 id=\"h-\(section.id)\">\(section.title)</h2>\n"
            )
            try section.write(figures, &page)
            page.raw("</section>\n")
        }
        page.raw("</main></body></html>\n")
        return page.text
    }

    /// The answer in one sentence.
    private static func verdict(_ figures: ReportFigures) -> (text: String, isWell: Bool) {
        let judged = figures.objectives.filter { $0.evaluable > 0 }
        let broken = judged.filter { $0.counts[.notMet, default: 0] > 0 }
        let raised = figures.nonconformities.count { figures.period.stretch.contains($0.found.raisedAt) }
        let open = figures.nonconformities.count { !$0.life.state.isFinal }
        let silent = figures.objectives.count - judged.count
        if judged.isEmpty { return ("No objective could be judged in this period.", false) }
        let unjudged =
            silent > 0 ? " \(ReportText.counted(silent, "objective", "objectives")) could not be judged." : ""
        guard !broken.isEmpty else {
            return (
                "All \(judged.count) objectives that could be judged were met in every window.\(unjudged) "
                    + "\(ReportText.counted(open, "nonconformity is", "nonconformities are")) open.", silent == 0
            )
        }
        return (
            "\(broken.count) of \(judged.count) objectives were not met in some window: "
                + "\(ReportText.counted(raised, "nonconformity", "nonconformities")) raised, \(open) open at the end.\(unjudged)",
            false
        )
    }
}
