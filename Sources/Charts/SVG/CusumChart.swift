import Metering

/// The running sum of savings against a baseline, with the band in which it may lie by chance.
package struct CusumChart: Sendable {
    private let title: String
    private let unit: String?
    private let stretch: Window
    private let sums: [(end: Instant, sum: Double, band: Double)]

    /// The sums at the ends of their windows, ascending; `band` is the half width beside each.
    package init(title: String, unit: String?, stretch: Window, sums: [(end: Instant, sum: Double, band: Double)]) {
        (self.title, self.unit, self.stretch, self.sums) = (title, unit, stretch, sums)
    }

    /// The picture.
    package func svg(calendar: SiteCalendar) -> String {
        let (width, height, left, top, bottom) = (720.0, 220.0, 64.0, 20.0, 26.0)
        let scale = ValueScale(holding: [0] + sums.flatMap { [$0.sum - $0.band, $0.sum + $0.band] }, ticks: 6)
        let last =
            sums.last.map { "at the end \(ChartText.short($0.sum)) ± \(ChartText.short($0.band))" } ?? "no values"
        var svg = SVGText(width: width, height: height, title: title, description: last)
        svg.write(title + (unit.map { " (\($0))" } ?? ""), 0, 12, tone: "ink")
        let (plotWidth, plotHeight) = (width - left - 20, height - top - bottom)
        func y(_ value: Double) -> Double { top + plotHeight * (1 - scale.share(value)) }
        func x(_ instant: Instant) -> Double {
            left + plotWidth * Double(instant - stretch.start) / Double(max(1, stretch.length))
        }
        for tick in scale.ticks {
            svg.line(left, y(tick.value), left + plotWidth, y(tick.value), tone: tick.value == 0 ? "quiet" : "line")
            svg.write(tick.text, left - 6, y(tick.value) + 4, anchor: "end")
        }
        for tick in TimeTicks(stretch, calendar, atMost: 9).ticks {
            svg.write(tick.text, x(tick.instant), height - 8, anchor: "middle")
        }
        let shown = thinned
        svg.area(
            shown.map { (x($0.end), y($0.sum + $0.band)) } + shown.reversed().map { (x($0.end), y($0.sum - $0.band)) },
            tone: "band")
        svg.path(shown.map { (x($0.end), y($0.sum)) }, tone: "value")
        return svg.finished
    }

    private var thinned: [(end: Instant, sum: Double, band: Double)] {
        guard sums.count > 640 else { return sums }
        return (0...640).map { sums[$0 * (sums.count - 1) / 640] }
    }
}

/// A value on its way to a limit, with the warning before it.
package struct BulletBar: Sendable {
    private let title: String
    private let value: Double?
    private let limit, warning: Double?
    private let unit: String?

    /// A bar from zero; without a limit there is nothing to draw.
    package init(title: String, value: Double?, limit: Double?, warning: Double?, unit: String?) {
        (self.title, self.value, self.limit, self.warning, self.unit) = (title, value, limit, warning, unit)
    }

    /// The picture, as high as a line of text; empty without value or limit.
    package var svg: String {
        guard let value, let limit, limit > 0 else { return "" }
        let width = 160.0
        let end = max(limit * 1.25, value)
        let unit = unit.map { " \($0)" } ?? ""
        var svg = SVGText(
            width: width, height: 16, title: title,
            description: "\(ChartText.short(value))\(unit) of \(ChartText.short(limit))\(unit)")
        svg.box(0, 3, width, 10, tone: "unknown")
        svg.box(0, 5, width * min(max(value, 0), end) / end, 6, tone: value > limit ? "bad" : "value")
        if let warning { svg.line(width * warning / end, 2, width * warning / end, 14, tone: "warning", width: 1.5) }
        svg.line(width * limit / end, 0, width * limit / end, 16, tone: "limit", width: 2)
        return svg.finished
    }
}
