/// How many values fell into each class up to a limit, and above it.
package struct ClassHistogram: Sendable {
    /// A class: the values above its lower edge up to its upper one; the last one has no upper edge.
    package struct Class: Sendable, Hashable {
        package var lower: Double
        package var upper: Double?
        package var count: Int
    }

    /// The classes from below.
    package let classes: [Class]
    private let title: String
    private let unit: String?
    private let limit: Double

    /// So many equal classes from zero to the limit, and one above it.
    package init(title: String, unit: String?, values: [Double], limit: Double, classes count: Int = 20) {
        (self.title, self.unit, self.limit) = (title, unit, limit)
        let step = limit / Double(count)
        var counts = [Int](repeating: 0, count: count + 1)
        for value in values {
            // A value at an edge belongs to the class below it, as one at the limit keeps it.
            let place = value <= 0 ? 0 : Int((value / step).rounded(.up)) - 1
            counts[value > limit ? count : min(max(place, 0), count - 1)] += 1
        }
        classes = counts.enumerated().map { index, number in
            Class(
                lower: Double(index) * step, upper: index == count ? nil : Double(index + 1) * step, count: number)
        }
    }

    /// The picture.
    package var svg: String {
        let (width, height, left, top, bottom) = (720.0, 180.0, 56.0, 20.0, 26.0)
        let most = Double(max(1, classes.map(\.count).max() ?? 1))
        let scale = ValueScale(holding: [0, most], ticks: 5)
        let above = classes.last?.count ?? 0
        let unit = unit.map { " \($0)" } ?? ""
        var svg = SVGText(
            width: width, height: height, title: title,
            description:
                "\(classes.reduce(0) { $0 + $1.count }) values in \(classes.count) classes, \(above) above the "
                + "limit of \(ChartText.short(limit))\(unit)")
        svg.write("\(title): number of values by class of\(unit)", 0, 12, tone: "ink")
        let (plotWidth, plotHeight) = (width - left - 20, height - top - bottom)
        for tick in scale.ticks {
            let y = top + plotHeight * (1 - scale.share(tick.value))
            svg.line(left, y, left + plotWidth, y)
            svg.write(tick.text, left - 6, y + 4, anchor: "end")
        }
        let step = plotWidth / Double(classes.count)
        for (index, one) in classes.enumerated() {
            let x = left + Double(index) * step
            let tall = plotHeight * scale.share(Double(one.count))
            let span =
                one.upper.map { "\(ChartText.short(one.lower)) to \(ChartText.short($0))" }
                ?? "above \(ChartText.short(limit))"
            svg.box(
                x + 1, top + plotHeight - tall, step - 2, tall, tone: one.upper == nil ? "bad" : "value",
                title: "\(span)\(unit): \(one.count)")
            if index % 4 == 0, one.upper != nil {
                svg.write(ChartText.short(one.lower), x, height - 10, anchor: "middle")
            }
        }
        let x = left + Double(classes.count - 1) * step
        svg.line(x, top, x, top + plotHeight, tone: "limit", dashed: true, width: 1.5)
        svg.write("limit \(ChartText.short(limit))", x, height - 10, anchor: "middle", tone: "limit")
        return svg.finished
    }
}
