import Conformity
import Metering

/// 40 CFR 60.7(c) and (d): excess emissions and monitor downtime by cause, in hours.
enum ExcessEmissions {
    private static let excessCauses = [
        "(a) start-up/shut-down", "(b) control equipment problems", "(c) process problems", "(d) other known causes",
        "(e) unknown causes",
    ]
    private static let downtimeCauses = [
        "(a) monitor equipment malfunctions", "(b) non-monitor equipment malfunctions",
        "(c) quality assurance calibration", "(d) other known causes", "(e) unknown causes",
    ]

    static func form(_ limits: [FormFigures], _ figures: ReportFigures) -> AuthorityForm {
        var tables: [AuthorityForm.Table] = []
        for limit in limits { tables += self.tables(limit, figures) }
        return AuthorityForm(
            title: "Summary report: gaseous excess emission and monitoring system performance (40 CFR 60.7(d))",
            tables: tables,
            notes: [
                "monitor manufacturer and model, date of the latest certification or audit",
                "process unit description, changes since the last period in monitors, process or controls",
                "name, title, signature, date",
            ])
    }

    private static func tables(_ limit: FormFigures, _ figures: ReportFigures) -> [AuthorityForm.Table] {
        let (first, last) = figures.period.days
        let excess = hours(limit.exceedances, excessRow)
        let downtime = hours(limit.lost, downtimeRow)
        let operating = limit.operating
        let excessShare = share(excess.reduce(0, +), operating)
        let downtimeShare = share(downtime.reduce(0, +), operating)
        let head = AuthorityForm.Table(
            caption: limit.objective.title, head: ["Field", "Entry"],
            rows: [
                ["Pollutant", limit.objective.title],
                ["Reporting period", "\(ReportText.day(first)) to \(ReportText.day(last))"],
                ["Company", figures.record.plantSummary.site],
                ["Emission limitation", ReportText.amount(limit.limit, limit.objective.unit)],
                ["Total source operating time", ReportText.hours(operating) + " h"],
            ])
        func summary(_ caption: String, _ causes: [String], _ times: [Int64], _ share: Double?) -> AuthorityForm.Table {
            AuthorityForm.Table(
                caption: caption, head: ["Cause", "Hours"],
                rows: zip(causes, times).map { [$0, ReportText.hours($1)] }
                    + [
                        ["Total", ReportText.hours(times.reduce(0, +))],
                        ["Total × 100 / total source operating time", ReportText.share(share)],
                    ])
        }
        var tables = [
            head, summary("Emission data summary: duration of excess emissions", excessCauses, excess, excessShare),
            summary("CMS performance summary: duration of downtime", downtimeCauses, downtime, downtimeShare),
        ]
        // The summary alone suffices below 1 % of excess and below 5 % of downtime.
        if (excessShare ?? 0) >= 0.01 || (downtimeShare ?? 0) >= 0.05 {
            tables.append(list("Excess emissions", limit.exceedances, limit, figures))
            tables.append(list("Monitor downtime", limit.lost, limit, figures))
        }
        return tables
    }

    private static func list(
        _ caption: String, _ stretches: [FormFigures.Stretch], _ limit: FormFigures, _ figures: ReportFigures
    ) -> AuthorityForm.Table {
        AuthorityForm.Table(
            caption: caption, head: ["Begin", "End", "Magnitude", "Cause", "Correction", "Record"],
            rows: FormFigures.joined(stretches).map { stretch in
                [
                    ReportText.time(stretch.window.start, figures), ReportText.time(stretch.window.end, figures),
                    ReportText.amount(stretch.value, limit.objective.unit),
                    stretch.code?.rawValue ?? stretch.cause?.rawValue ?? "unknown",
                    stretch.correction ?? "–", stretch.id ?? "–",
                ]
            })
    }

    private static func hours(
        _ stretches: [FormFigures.Stretch], _ row: (FormFigures.Stretch) -> Int
    ) -> [Int64] {
        var times = [Int64](repeating: 0, count: 5)
        for stretch in stretches { times[row(stretch)] += stretch.window.length }
        return times
    }

    /// By the code that somebody gave, otherwise as near as the category says; a code of the other table is a known cause.
    private static func excessRow(_ stretch: FormFigures.Stretch) -> Int {
        switch stretch.code {
        case .startupShutdown: return 0
        case .controlEquipment: return 1
        case .process: return 2
        case .unknown: return 4
        case .some: return 3
        case nil: break
        }
        return switch stretch.cause {
        case .equipment: 1
        case .process: 2
        case .some: 3
        case nil: 4
        }
    }

    private static func downtimeRow(_ stretch: FormFigures.Stretch) -> Int {
        switch stretch.code {
        case .monitorEquipment: return 0
        case .otherEquipment: return 1
        case .qualityAssurance: return 2
        case .unknown: return 4
        case .some: return 3
        case nil: break
        }
        return switch stretch.cause {
        case .measurement: 0
        case .equipment: 1
        case .some: 3
        case nil: 4
        }
    }

    private static func share(_ part: Int64, _ whole: Int64) -> Double? {
        whole > 0 ? Double(part) / Double(whole) : nil
    }
}
