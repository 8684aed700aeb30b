import Charts
import Conformity
import Indicators
import Listings
import Metering

/// One area: its indicators beside the period before and the year before, and the pictures that carry most.
enum AreaSection {
    static func write(_ area: Area, _ figures: ReportFigures, _ page: inout HTMLText) throws {
        let own = figures.indicators.filter { $0.area == area }
        page.table(
            "\(area.rawValue): the period, the period before, the same period a year before",
            [
                "Indicator", "Is", "Value", "Unit", "Coverage", "Period before", "Change", "Coverage", "Year before",
                "Change", "Coverage",
            ],
            own.map(row), nothing: "No indicator has a unit of this area.")
        if let load = own.first(where: isLoad), area == .energy || area == .water {
            try loadPictures(load, figures, &page)
        }
        for indicator in own where indicator.definition?.model?.result == .cusum {
            try cusum(indicator, figures, &page)
        }
        if area == .emissions { for indicator in own { try classes(indicator, figures, &page) } }
    }

    private static func row(_ indicator: IndicatorResult) -> [Cell] {
        let value = indicator.figure(indicator.now)
        let before = indicator.figure(indicator.before)
        let year = indicator.figure(indicator.yearBefore)
        return [
            .raw("\(HTMLText.escaped(indicator.title))<br><code>\(HTMLText.escaped(indicator.name))</code>"),
            .text(indicator.isAmount ? "sum" : "mean"), .number(ReportText.number(value)), .text(indicator.unit ?? "–"),
            coverage(indicator.now), .number(ReportText.number(before)), .number(ReportText.change(value, before)),
            coverage(indicator.before), .number(ReportText.number(year)), .number(ReportText.change(value, year)),
            coverage(indicator.yearBefore),
        ]
    }

    private static func coverage(_ sums: IndicatorSums) -> Cell {
        guard let share = sums.meanCoverage else { return .tonedNumber("no windows", "quiet") }
        return share < 0.9 ? .tonedNumber(ReportText.share(share), "warning") : .number(ReportText.share(share))
    }

    /// Whether an indicator has windows short enough to show hours of a day.
    private static func isLoad(_ indicator: IndicatorResult) -> Bool {
        guard let rule = indicator.definition?.rule, rule.rolling == nil, rule.counted == nil,
            case .partOfDay(let length) = rule.grid
        else { return false }
        return length <= 3_600_000 && indicator.now.valid > 24
    }

    // MARK: Pictures

    private static func loadPictures(
        _ indicator: IndicatorResult, _ figures: ReportFigures, _ page: inout HTMLText
    ) throws {
        var hours: [CivilDate: [Int: (sum: Double, count: Int)]] = [:]
        var values: [Double] = []
        try figures.reader.values(indicator.index, in: figures.period.stretch) { value in
            guard value.status == .valid, let number = value.value else { return }
            values.append(number)
            let day = figures.calendar.date(value.window.start)
            let local = figures.calendar.local(value.window.start) - Int64(day.dayNumber) * 86_400_000
            let hour = Int(local / 3_600_000)
            let known = hours[day]?[hour] ?? (0, 0)
            hours[day, default: [:]][hour] = (known.sum + number, known.count + 1)
        }
        let isSum = indicator.isAmount
        let loads = hours.mapValues { $0.mapValues { isSum ? $0.sum : $0.sum / Double(max(1, $0.count)) } }
        let (first, last) = figures.period.days
        let byHour = (0..<24).map { hour -> [Cell] in
            let own = loads.values.compactMap { $0[hour] }
            let mean = own.isEmpty ? nil : own.sorted().reduce(0, +) / Double(own.count)
            return [
                .text("\(hour):00"), .number(ReportText.number(own.min())), .number(ReportText.number(mean)),
                .number(ReportText.number(own.max())), .number("\(own.count)"),
            ]
        }
        page.figure(
            LoadHeatMap(title: indicator.title, unit: indicator.unit, from: first, to: last, hours: loads).svg,
            "\(indicator.title) by hour and day", ["Hour", "Least", "Mean", "Greatest", "Days"], byHour)
        let sorted = values.sorted(by: >)
        let shares = [0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 100]
        page.figure(
            SortedCurve(title: indicator.title, unit: indicator.unit, values: values).svg,
            "\(indicator.title), from the greatest to the least window", ["Share of windows", "At least"],
            shares.compactMap { share in
                sorted.isEmpty
                    ? nil
                    : [
                        .text("\(share) %"),
                        .number(ReportText.amount(sorted[share * (sorted.count - 1) / 100], indicator.unit)),
                    ]
            })
    }

    private static func cusum(_ indicator: IndicatorResult, _ figures: ReportFigures, _ page: inout HTMLText) throws {
        var ends: [(end: Instant, sum: Double)] = []
        try figures.reader.values(indicator.index, in: figures.period.stretch) { value in
            if value.status == .valid, let number = value.value { ends.append((value.window.end, number)) }
        }
        guard ends.count > 1, let definition = indicator.definition, let model = definition.model else { return }
        let band = try SavingsBand(of: definition, model, figures)
        let sums = ends.map { (end: $0.end, sum: $0.sum, band: band.halfWidths[$0.end] ?? 0) }
        let chart = CusumChart(
            title: indicator.title, unit: indicator.unit, stretch: figures.period.stretch, sums: sums)
        let shown = sums.count <= 24 ? sums : (0..<24).map { sums[$0 * (sums.count - 1) / 23] }
        page.figure(
            chart.svg(calendar: figures.calendar),
            "\(indicator.title): running sum of savings against the baseline; band: what the model's uncertainty explains (90 %, on both sides)",
            ["Until", "Sum", "Band"],
            shown.map {
                [
                    .text(ReportText.time($0.end, figures)), .number(ReportText.amount($0.sum, indicator.unit)),
                    .number("± " + ReportText.number($0.band)),
                ]
            })
    }

    private static func classes(_ indicator: IndicatorResult, _ figures: ReportFigures, _ page: inout HTMLText) throws {
        let limits = figures.objectives.compactMap { objective -> Double? in
            guard objective.indicator == indicator.name, case .limits(let limits)? = objective.definition?.requirement
            else { return nil }
            return limits.max
        }
        guard let limit = limits.min(), limit > 0, indicator.now.valid > 0 else { return }
        var values: [Double] = []
        try figures.reader.values(indicator.index, in: figures.period.stretch) { value in
            if value.status == .valid, let number = value.value { values.append(number) }
        }
        let histogram = ClassHistogram(title: indicator.title, unit: indicator.unit, values: values, limit: limit)
        page.figure(
            histogram.svg, "\(indicator.title): windows by class up to the limit",
            ["Above", "Up to", "Windows"],
            histogram.classes.map {
                [
                    .number(ReportText.number($0.lower)), .number($0.upper.map(ReportText.number) ?? "–"),
                    .number("\($0.count)"),
                ]
            })
    }
}
