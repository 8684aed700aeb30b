import Charts
import Metering
import PlantAPI

extension Page {
    static let plotColumns = [
        ListingColumn("start"), ListingColumn("end"), ListingColumn("minimum", .number), ListingColumn("mean", .number),
        ListingColumn("maximum", .number), ListingColumn("unit"), ListingColumn("quality"),
    ]

    /// A point, an indicator or an objective over time: drawn for a screen, as SVG where a picture is wanted, else in numbers.
    func plot() throws {
        guard let name = query.name else {
            throw CommandError(.usage, "a plot of what? 'emsctl points' and 'emsctl indicators' list names")
        }
        let asked = stretch ?? Window(start: now - 86_400_000, end: now)
        let drawn = Window(start: max(asked.start, try reader.recordStart() ?? asked.start), end: min(asked.end, now))
        guard drawn.start < drawn.end else {
            throw CommandError(.usage, "a plot needs a stretch of time that has begun")
        }
        let chart = try ChartSource(self).chart(named: name, in: drawn)
        if query.isPicture { return try sink(Array((chart.svg(calendar: record.calendar) + "\n").utf8)) }
        guard query.format == .table else { return try numbers(chart, of: name) }
        let screen = query.terminal
        let drawing = TerminalChart(
            chart, calendar: record.calendar, width: screen.width ?? 80, height: (screen.height ?? 24) - 1,
            hasColor: screen.hasColor, isASCII: screen.isASCII)
        try sink(Array(drawing.lines.map { $0 + "\n" }.joined().utf8))
    }

    /// The numbers of the chart, a thousand stretches at most; one without a value is left out.
    private func numbers(_ chart: TimeChart, of name: String) throws {
        let samples = chart.samples.count <= 1000 ? chart.samples : chart.columns(1000).compactMap { $0 }
        var printer = printer(Page.plotColumns + (query.isNamed ? [ListingColumn("name")] : []))
        for sample in samples {
            let quality =
                sample.isProvisional
                ? "provisional" : sample.isSuspect ? "suspect" : sample.isUncertain ? "uncertain" : "good"
            let fields: [ListingValue] = [
                .time(sample.window.start), .time(sample.window.end), .number(sample.minimum), .number(sample.mean),
                .number(sample.maximum), .optional(chart.unit), .text(quality),
            ]
            try printer.row(fields + (query.isNamed ? [.text(name)] : []))
        }
        try printer.end(nothing: nothing)
    }
}
