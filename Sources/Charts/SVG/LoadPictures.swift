import Metering

/// The load of each hour of each day, darker for more; empty where it is not known.
package struct LoadHeatMap: Sendable {
    private let title: String
    private let unit: String?
    private let first, last: CivilDate
    private let hours: [CivilDate: [Int: Double]]

    /// The loads by local day and hour from the first to the last day.
    package init(
        title: String, unit: String?, from first: CivilDate, to last: CivilDate, hours: [CivilDate: [Int: Double]]
    ) {
        (self.title, self.unit, self.first, self.last, self.hours) = (title, unit, first, last, hours)
    }

    /// The picture; more than 366 days are gathered several a column.
    package var svg: String {
        let all = hours.values.flatMap(\.values)
        let (low, high) = (min(0, all.min() ?? 0), all.max() ?? 1)
        let count = max(1, last.dayNumber - first.dayNumber + 1)
        let perColumn = (count + 365) / 366
        let columns = (count + perColumn - 1) / perColumn
        let cell = max(1.5, min(14, 640 / Double(columns)))
        let (left, top, row) = (36.0, 18.0, 7.0)
        let unit = unit.map { " \($0)" } ?? ""
        var svg = SVGText(
            width: left + cell * Double(columns) + 10, height: top + 24 * row + 38, title: title,
            description: "From \(ChartText.dayOfYear(first)) to \(ChartText.dayOfYear(last)), highest "
                + "\(ChartText.short(high))\(unit), lowest \(ChartText.short(all.min() ?? 0))\(unit)")
        for hour in stride(from: 0, through: 24, by: 6) {
            svg.write("\(hour):00", left - 4, top + Double(hour) * row + 4, anchor: "end")
        }
        // As many shades as an eye can tell apart; hours of one shade are one box.
        var boxes: [Int: [(x: Double, y: Double, width: Double, height: Double)]] = [:]
        for column in 0..<columns {
            let days = (0..<perColumn).map { CivilDate(dayNumber: first.dayNumber + column * perColumn + $0) }
            let x = left + Double(column) * cell
            if let begins = days.first(where: { $0.components.day == 1 }) {
                svg.write(ChartText.months[begins.components.month - 1], x, 12)
            }
            var run: (level: Int, from: Int)?
            for hour in 0...24 {
                let values = hour == 24 ? [] : days.compactMap { hours[$0]?[hour] }
                let level = values.max().map { value in
                    Int(((high > low ? (value - low) / (high - low) : 0.5) * LoadHeatMap.levels).rounded())
                }
                if let last = run, last.level != level {
                    boxes[last.level, default: []].append(
                        (x, top + Double(last.from) * row, cell, Double(hour - last.from) * row))
                    run = nil
                }
                if let level, run == nil { run = (level, hour) }
            }
        }
        for (level, places) in boxes.sorted(by: { $0.key < $1.key }) {
            svg.boxes(places, tone: "value", color: LoadHeatMap.color(Double(level) / LoadHeatMap.levels))
        }
        let y = top + 24 * row + 12
        for step in 0..<10 {
            svg.box(left + Double(step) * 12, y, 12, 8, tone: "value", color: LoadHeatMap.color(Double(step) / 9))
        }
        svg.write("\(ChartText.short(low)) to \(ChartText.short(high))\(unit), a column a day", left + 128, y + 8)
        return svg.finished
    }

    /// The number of steps from the palest to the darkest shade.
    private static let levels = 15.0

    /// From pale to dark: readable without colours too.
    private static func color(_ share: Double) -> String {
        let (pale, dark) = ([236.0, 244, 249], [8.0, 48, 86])
        let parts = zip(pale, dark).map { UInt8(($0 + ($1 - $0) * min(max(share, 0), 1)).rounded()) }
        return "#" + parts.hexadecimal
    }
}

/// All values of a period from the greatest to the least: how long the load was how high.
package struct SortedCurve: Sendable {
    private let title: String
    private let unit: String?
    private let sorted: [Double]

    /// The curve of values in any order.
    package init(title: String, unit: String?, values: [Double]) {
        (self.title, self.unit) = (title, unit)
        sorted = values.sorted(by: >)
    }

    /// The picture.
    package var svg: String {
        let (width, height, left, top, bottom) = (720.0, 200.0, 56.0, 20.0, 26.0)
        let scale = ValueScale(holding: sorted, ticks: 5)
        let unit = unit.map { " (\($0))" } ?? ""
        let least = sorted.last.map(ChartText.short) ?? "none"
        var svg = SVGText(
            width: width, height: height, title: title,
            description:
                "\(sorted.count) values, greatest \(sorted.first.map(ChartText.short) ?? "none"), least \(least)")
        svg.write(title + unit, 0, 12, tone: "ink")
        let (plotWidth, plotHeight) = (width - left - 20, height - top - bottom)
        for tick in scale.ticks {
            let y = top + plotHeight * (1 - scale.share(tick.value))
            svg.line(left, y, left + plotWidth, y)
            svg.write(tick.text, left - 6, y + 4, anchor: "end")
        }
        for share in stride(from: 0, through: 100, by: 20) {
            svg.write("\(share) %", left + plotWidth * Double(share) / 100, height - 8, anchor: "middle")
        }
        let points = Int(plotWidth)
        guard sorted.count > 1 else { return svg.finished }
        let drawn = (0...points).map { index -> (x: Double, y: Double) in
            let value = sorted[index * (sorted.count - 1) / points]
            return (left + Double(index), top + plotHeight * (1 - scale.share(value)))
        }
        svg.path(drawn, tone: "value")
        return svg.finished
    }
}
