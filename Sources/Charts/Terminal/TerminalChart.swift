import Metering

/// A chart drawn in the cells of a terminal: each column shows the lowest and the highest value of its time.
package struct TerminalChart {
    private let chart: TimeChart
    private let calendar: SiteCalendar
    private let width, height: Int
    private let hasColor, isASCII: Bool

    /// A chart in so many cells, at least 30 by 8.
    package init(
        _ chart: TimeChart, calendar: SiteCalendar, width: Int, height: Int, hasColor: Bool = false,
        isASCII: Bool = false
    ) {
        self.chart = chart
        self.calendar = calendar
        self.width = max(30, width)
        self.height = max(8, height)
        self.hasColor = hasColor
        self.isASCII = isASCII
    }

    /// The chart, line by line, each no wider than the screen.
    package var lines: [String] {
        let footer = footer(0).count
        let rows = max(3, height - 1 - footer)
        let scale = chart.scale(ticks: max(2, rows / 3 + 1))
        let labels = scale.ticks.map(\.text)
        let margin = min(12, max(3, labels.map(\.count).max() ?? 3)) + 2
        var canvas = CellCanvas(width: width - margin, height: rows, isASCII: isASCII)
        draw(on: &canvas, scale)
        var lines = [head]
        for row in 0..<rows {
            lines.append(label(row, rows, scale, margin) + canvas.line(row, hasColor: hasColor))
        }
        return lines + self.footer(margin)
    }

    // MARK: The picture

    private func draw(on canvas: inout CellCanvas, _ scale: ValueScale) {
        func row(_ value: Double) -> Int {
            let share = min(max(scale.share(value), 0), 1)
            return Int(((1 - share) * Double(canvas.dotRows - 1)).rounded())
        }
        for line in chart.lines where line.value >= scale.lower && line.value <= scale.upper {
            let step = isASCII ? 2 : 3
            for column in stride(from: 0, to: canvas.dotColumns, by: step) {
                canvas.dot(column, row(line.value), line.kind == .limit ? .limit : .warning)
            }
        }
        var last: (high: Int, low: Int)?
        for (column, sample) in chart.columns(canvas.dotColumns).enumerated() {
            guard let sample else {
                last = nil
                continue
            }
            var (high, low) = (row(sample.maximum), row(sample.minimum))
            let own = (high, low)
            // Columns beside each other are joined where the values jump; never over a gap.
            if let last { (high, low) = (min(high, last.low), max(low, last.high)) }
            let ink: CellCanvas.Ink = sample.isUncertain ? .uncertain : sample.isProvisional ? .provisional : .value
            for dot in min(high, low)...max(high, low) { canvas.dot(column, dot, ink) }
            last = own
        }
    }

    private func label(_ row: Int, _ rows: Int, _ scale: ValueScale, _ margin: Int) -> String {
        let tick = scale.ticks.first { tick in
            Int(((1 - scale.share(tick.value)) * Double(rows - 1)).rounded()) == row
        }
        let text = tick?.text ?? ""
        let arrow = chart.lines.first { line in
            (row == 0 && line.value > scale.upper) || (row == rows - 1 && line.value < scale.lower)
        }
        let blanks = String(repeating: " ", count: max(0, margin - 1 - text.count))
        if let arrow { return cut(arrowText(arrow, isUp: row == 0), margin - 1) + (isASCII ? "|" : "│") }
        return blanks + text + (isASCII ? "|" : tick == nil ? "│" : "┤")
    }

    private func arrowText(_ line: TimeChart.Line, isUp: Bool) -> String {
        (isASCII ? (isUp ? "^" : "v") : (isUp ? "↑" : "↓")) + ChartText.short(line.value)
    }

    private func cut(_ text: String, _ width: Int) -> String {
        let short = String(text.prefix(width))
        return short + String(repeating: " ", count: width - short.count)
    }

    // MARK: Beside it

    private var head: String {
        let unit = chart.unit.map { " in \($0)" } ?? ""
        var words = [ShownText(chart.title).text + ShownText(unit).text]
        if let low = chart.samples.map(\.minimum).min(), let high = chart.samples.map(\.maximum).max() {
            words.append("lowest \(ChartText.short(low)), highest \(ChartText.short(high))")
        } else {
            words.append("no values")
        }
        words += chart.lines.map { "\($0.kind == .limit ? "limit" : "warn") \(ChartText.short($0.value))" }
        words.append(
            "to \(ChartText.day(calendar.date(chart.stretch.end))) \(ChartText.clock(chart.stretch.end, calendar))")
        var text = ShownText(words.joined(separator: "; "))
        if isASCII { text = text.inASCII }
        return text.cut(to: width, mark: isASCII ? "~" : "…").text
    }

    /// The axis, its ticks, and below them what is uncertain and what was not met.
    private func footer(_ margin: Int) -> [String] {
        let cells = width - margin
        let ticks = TimeTicks(chart.stretch, calendar, atMost: max(2, cells / 12))
        var axis = [Character](repeating: isASCII ? "-" : "─", count: max(1, cells))
        var labels = [Character](repeating: " ", count: max(1, cells))
        var free = 0
        for tick in ticks.ticks {
            let cell = place(tick.instant, cells)
            axis[cell] = isASCII ? "+" : "┬"
            guard cell >= free, cell + tick.text.count <= cells else { continue }
            for (offset, character) in tick.text.enumerated() { labels[cell + offset] = character }
            free = cell + tick.text.count + 1
        }
        let blanks = String(repeating: " ", count: max(0, margin - 1))
        var lines = [blanks + (isASCII ? "+" : "└") + String(axis), blanks + " " + String(labels)]
        if let marks = marks(cells) { lines.append(blanks + " " + marks) }
        if let episodes = episodes(cells) { lines.append(blanks + " " + episodes) }
        return lines
    }

    private func place(_ instant: Instant, _ cells: Int) -> Int {
        let share = Double(instant - chart.stretch.start) / Double(max(1, chart.stretch.length))
        return min(max(0, Int(share * Double(cells))), max(0, cells - 1))
    }

    /// `?` under what is uncertain, `r` under what was revised, `~` under what is still open; nil where there is none.
    private func marks(_ cells: Int) -> String? {
        let marks = chart.columns(max(1, cells)).map { sample -> Character in
            guard let sample else { return " " }
            return sample.isUncertain ? "?" : sample.isProvisional ? "~" : sample.isRevised ? "r" : " "
        }
        return marks.contains { $0 != " " } ? String(marks) : nil
    }

    private func episodes(_ cells: Int) -> String? {
        guard !chart.episodes.isEmpty else { return nil }
        var line = [Character](repeating: " ", count: max(1, cells))
        for episode in chart.episodes where episode.window.overlaps(chart.stretch) {
            let first = place(max(episode.window.start, chart.stretch.start), cells)
            let last = place(min(episode.window.end, chart.stretch.end - 1), cells)
            for cell in first...max(first, last) { line[cell] = isASCII ? "=" : "▬" }
            let text = Array(episode.text)
            if last + 1 + text.count < cells, line[(last + 1)...(last + text.count)].allSatisfy({ $0 == " " }) {
                for (offset, character) in text.enumerated() { line[last + 1 + offset] = character }
            } else if last - first + 1 > text.count + 1 {
                for (offset, character) in text.enumerated() { line[first + 1 + offset] = character }
            }
        }
        let text = String(line)
        return hasColor ? "\u{1B}[31m\(text)\u{1B}[0m" : text
    }
}
