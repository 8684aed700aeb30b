import Conformity
import Indicators
import ManagementSystem
import Metering
import RecordKeeping
import Recording

/// Checks of the meters, what they put in doubt, drift charts, and the weeks of calibration functions.
enum CalibrationSection {
    static func write(_ figures: ReportFigures, _ page: inout HTMLText) throws {
        let checks = figures.checks.filter { figures.period.stretch.contains(Instant(milliseconds: $0.date)) }
        page.table(
            "Checks of the period", ["Meter", "Date", "As found", "Next due", "Certificate", "By"],
            checks.map { check in
                let certificate = [check.certificate, check.digest.map { "SHA-256 \($0.prefix(16))…" }]
                return [
                    .text(check.meter), .text(day(check.date, figures)),
                    check.asFound == .fail ? .toned("fail", "bad") : .toned("pass", "met"),
                    .text(check.due.map { day($0, figures) } ?? "–"),
                    .text(certificate.compactMap { $0 }.joined(separator: ", ")), .text(check.by),
                ]
            },
            nothing:
                "No check of a meter is on record for this period. Certificates are to be shown beside this report.")
        standing(figures, &page)
        doubts(figures, &page)
        drift(figures, &page)
        try weeks(figures, &page)
    }

    private static func day(_ time: Int64, _ figures: ReportFigures) -> String {
        figures.calendar.date(Instant(milliseconds: time)).text
    }

    /// Which calibration each meter has at the end of the period.
    private static func standing(_ figures: ReportFigures, _ page: inout HTMLText) {
        let instruments = figures.record.plant?.register.instruments ?? []
        let end = min(figures.period.stretch.end, figures.now).milliseconds
        let rows = instruments.compactMap { meter -> [Cell]? in
            let last = figures.checks.last { $0.meter == meter.name && $0.date < end }
            guard last != nil || meter.calibrated != nil else { return nil }
            let due: Cell =
                last?.due.map { $0 < end ? .toned("\(day($0, figures)), overdue", "bad") : .text(day($0, figures)) }
                ?? .text("–")
            return [
                .text(meter.name), .text(meter.calibrated.map { "\($0)" } ?? "–"),
                last.map { .text("\(day($0.date, figures)) (\($0.asFound.rawValue))") }
                    ?? .toned("none on record", "warning"),
                due,
            ]
        }
        page.table(
            "Where the meters stand at the end", ["Meter", "Every", "Last check", "Due"], rows,
            nothing: "No meter says how often it is calibrated.")
    }

    private static func doubts(_ figures: ReportFigures, _ page: inout HTMLText) {
        let own = figures.doubts.filter { $0.stretch.overlaps(figures.period.stretch) }
        guard !own.isEmpty else { return }
        page.table(
            "Readings in doubt", ["Of", "Since the last good check", "Until the failed one"],
            own.map {
                [
                    .text($0.subject.name), .text(ReportText.time($0.stretch.start, figures)),
                    .text(ReportText.time($0.stretch.end, figures)),
                ]
            }, nothing: "")
        page.table(
            "Verdicts of the period that rest on them", ["Objective", "Verdicts", "Suspect"],
            figures.objectives.filter { $0.suspect > 0 }.map {
                [.text($0.title), .number("\($0.windows)"), .toned("\($0.suspect)", "warning")]
            }, nothing: "No verdict of this period rests on them.")
    }

    private static func drift(_ figures: ReportFigures, _ page: inout HTMLText) {
        let entries = Set(figures.drift.map(\.point)).sorted().flatMap { point in
            DriftHistory(figures.drift.filter { $0.point == point }).entries
        }.filter { figures.period.stretch.contains(Instant(milliseconds: $0.reading.time)) }
        guard !entries.isEmpty else { return }
        func cell(_ entry: DriftChart.Entry) -> Cell {
            entry.conclusion == .none ? .toned("in order", "met") : .toned(entry.conclusion.words, "bad")
        }
        page.table(
            "Drift charts (QAL3)", ["Point", "When", "Zero", "Span", "Zero says", "Span says"],
            entries.map { entry in
                [
                    .text(entry.reading.point),
                    .text(ReportText.time(Instant(milliseconds: entry.reading.time), figures)),
                    .number(ReportText.amount(entry.reading.zero, nil)),
                    .number(ReportText.amount(entry.reading.span, nil)), cell(entry.zero), cell(entry.span),
                ]
            }, nothing: "")
    }

    private static func weeks(_ figures: ReportFigures, _ page: inout HTMLText) throws {
        guard let plant = figures.record.plant else { return }
        let source = RangeWeeks(plant.plan, plant.register.functions, figures.reader)
        var rows: [[Cell]] = []
        for name in source.indicators {
            for week in try source.weeks(of: name, until: figures.now)
            where figures.period.stretch.contains(week.week.start) && week.outside > 0 {
                rows.append([
                    .text(name), .text(figures.calendar.date(week.week.start).text), .number("\(week.windows)"),
                    .number("\(week.outside)"), week.alarm.map { .toned($0.rawValue, "bad") } ?? .text(""),
                ])
            }
        }
        guard !source.indicators.isEmpty else { return }
        page.table(
            "Weeks with values outside the valid range of their calibration function",
            ["Indicator", "Week from", "Values", "Outside", "Says"], rows,
            nothing: "No value of this period was outside the valid range of its calibration function.")
    }
}
