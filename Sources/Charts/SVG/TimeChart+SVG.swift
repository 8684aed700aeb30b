import Metering

extension TimeChart {
    /// The chart as a picture: the band from lowest to highest, the mean, limits, gaps as gaps, episodes below.
    package func svg(calendar: SiteCalendar, width: Double = 720, height: Double = 240) -> String {
        SVGTimeChart(chart: self, calendar: calendar, width: width, height: height).text
    }
}

/// A time chart as it is written in SVG.
private struct SVGTimeChart {
    let chart: TimeChart
    let calendar: SiteCalendar
    let width, height: Double

    private let left = 56.0
    private let right = 72.0
    private let top = 22.0

    private var bottom: Double { chart.episodes.isEmpty ? 24 : 42 }
    private var plotWidth: Double { width - left - right }
    private var plotHeight: Double { height - top - bottom }

    var text: String {
        let scale = chart.scale(ticks: 6)
        var svg = SVGText(width: width, height: height, title: chart.title, description: description)
        let unit = chart.unit.map { " (\($0))" } ?? ""
        svg.write(chart.title + unit, 0, 13, tone: "ink")
        for tick in scale.ticks {
            let y = vertical(tick.value, scale)
            svg.line(left, y, left + plotWidth, y)
            svg.write(tick.text, left - 6, y + 4, anchor: "end")
        }
        for tick in TimeTicks(chart.stretch, calendar, atMost: Int(plotWidth / 70)).ticks {
            let x = horizontal(tick.instant)
            svg.line(x, top + plotHeight, x, top + plotHeight + (tick.isMajor ? 6 : 4), tone: "quiet")
            svg.write(tick.text, x, top + plotHeight + 17, anchor: "middle")
        }
        draw(into: &svg, scale)
        for line in chart.lines { draw(line, into: &svg, scale) }
        for episode in chart.episodes where episode.window.overlaps(chart.stretch) {
            let x = horizontal(max(episode.window.start, chart.stretch.start))
            let end = horizontal(min(episode.window.end, chart.stretch.end))
            svg.box(x, height - 18, max(2, end - x), 5, tone: "bad", title: episode.text)
            svg.write(episode.text, min(x, width - 90), height - 2)
        }
        return svg.finished
    }

    private var description: String {
        let lowest = chart.samples.map(\.minimum).min().map(ChartText.short) ?? "none"
        let highest = chart.samples.map(\.maximum).max().map(ChartText.short) ?? "none"
        let lines = chart.lines.map { "\($0.kind.rawValue) \(ChartText.short($0.value))" }.joined(separator: ", ")
        return "From \(calendar.text(chart.stretch.start)) to \(calendar.text(chart.stretch.end)): lowest \(lowest), "
            + "highest \(highest)" + (lines.isEmpty ? "" : "; \(lines)")
            + (chart.episodes.isEmpty ? "" : "; not met: \(chart.episodes.map(\.text).joined(separator: ", "))")
    }

    private func draw(into svg: inout SVGText, _ scale: ValueScale) {
        let count = Int(plotWidth)
        let columns = chart.columns(count)
        var run: [(x: Double, sample: TimeChart.Sample)] = []
        func finish() {
            guard let first = run.first?.sample else { return }
            let tone = first.isUncertain ? "uncertain" : first.isProvisional ? "provisional" : "value"
            if run.contains(where: { $0.sample.minimum < $0.sample.maximum }) {
                svg.area(
                    run.map { ($0.x, vertical($0.sample.maximum, scale)) }
                        + run.reversed().map { ($0.x, vertical($0.sample.minimum, scale)) }, tone: "band")
            }
            svg.path(
                simplified(run.map { ($0.x, vertical($0.sample.mean, scale)) }), tone: tone,
                dashed: first.isUncertain || first.isProvisional)
            run = []
        }
        for (column, sample) in columns.enumerated() {
            guard let sample else {
                finish()
                continue
            }
            let x = left + (Double(column) + 0.5) * plotWidth / Double(count)
            if let last = run.last?.sample,
                last.isUncertain != sample.isUncertain || last.isProvisional != sample.isProvisional
            {
                // The tone changes within a line, which has no gap there.
                let joint = run.last
                finish()
                if let joint { run.append((joint.x, inTone(of: sample, joint.sample))) }
            }
            run.append((x, sample))
        }
        finish()
    }

    private func inTone(of sample: TimeChart.Sample, _ joint: TimeChart.Sample) -> TimeChart.Sample {
        var changed = joint
        (changed.isUncertain, changed.isProvisional) = (sample.isUncertain, sample.isProvisional)
        return changed
    }

    /// Without the points in the middle of level pieces.
    private func simplified(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
        guard points.count > 2 else { return points }
        return points.indices.filter { index in
            index == 0 || index == points.count - 1
                || abs(points[index].y - points[index - 1].y) > 0.04
                || abs(points[index].y - points[index + 1].y) > 0.04
        }.map { points[$0] }
    }

    private func draw(_ line: TimeChart.Line, into svg: inout SVGText, _ scale: ValueScale) {
        let isInside = line.value >= scale.lower && line.value <= scale.upper
        let y = isInside ? vertical(line.value, scale) : line.value > scale.upper ? top : top + plotHeight
        let tone = line.kind == .limit ? "limit" : "warning"
        if isInside { svg.line(left, y, left + plotWidth, y, tone: tone, dashed: line.kind == .warning, width: 1.5) }
        let sign = isInside ? "" : line.value > scale.upper ? "↑ " : "↓ "
        let word = line.kind == .limit ? "limit" : "warn"
        svg.write("\(sign)\(word) \(ChartText.short(line.value))", left + plotWidth + 4, y + 4, tone: tone)
    }

    private func vertical(_ value: Double, _ scale: ValueScale) -> Double {
        top + plotHeight * (1 - min(max(scale.share(value), 0), 1))
    }

    private func horizontal(_ instant: Instant) -> Double {
        left + plotWidth * Double(instant - chart.stretch.start) / Double(max(1, chart.stretch.length))
    }
}
