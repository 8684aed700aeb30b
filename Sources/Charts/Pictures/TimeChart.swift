import Metering

/// A quantity over time as it is drawn, on a terminal or in a file alike: values, limits, episodes.
///
/// ```
/// let chart = TimeChart(title: "Power", unit: "kW", stretch: day, samples: hours, lines: [.init(.limit, 80)])
/// let lines = TerminalChart(chart, calendar: calendar, width: 80, height: 20).lines
/// ```
package struct TimeChart: Sendable {
    /// A value, or what several were in a stretch.
    package struct Sample: Sendable, Hashable {
        package var window: Window
        package var minimum, mean, maximum: Double
        /// Whether an uncertain reading is in it.
        package var isUncertain: Bool
        /// Whether its window is still open.
        package var isProvisional: Bool
        /// Whether a revision put it in the place of another.
        package var isRevised: Bool
        /// Whether a failed check of its meter puts it in doubt; it is drawn as uncertain.
        package var isSuspect: Bool

        /// One value over a stretch.
        package init(
            _ window: Window, _ value: Double, isUncertain: Bool = false, isProvisional: Bool = false,
            isRevised: Bool = false, isSuspect: Bool = false
        ) {
            self.window = window
            (minimum, mean, maximum) = (value, value, value)
            self.isUncertain = isUncertain || isSuspect
            self.isSuspect = isSuspect
            self.isProvisional = isProvisional
            self.isRevised = isRevised
        }
    }

    /// A value that is not to be passed.
    package struct Line: Sendable, Hashable {
        package enum Kind: String, Sendable, Hashable {
            case limit, warning
        }
        package var kind: Kind
        package var value: Double

        /// A line at a value.
        package init(_ kind: Kind, _ value: Double) {
            self.kind = kind
            self.value = value
        }
    }

    /// A stretch in which something was not met.
    package struct Episode: Sendable, Hashable {
        package var window: Window
        /// The number of its nonconformity.
        package var text: String

        /// An episode.
        package init(_ window: Window, _ text: String) {
            self.window = window
            self.text = text
        }
    }

    package var title: String
    package var unit: String?
    package var stretch: Window
    /// Ascending, without overlaps; where none is, nothing is known.
    package var samples: [Sample]
    package var lines: [Line]
    package var episodes: [Episode]

    /// A chart over a stretch.
    package init(
        title: String, unit: String?, stretch: Window, samples: [Sample], lines: [Line] = [], episodes: [Episode] = []
    ) {
        self.title = title
        self.unit = unit
        self.stretch = stretch
        self.samples = samples
        self.lines = lines
        self.episodes = episodes
    }
}

extension TimeChart {
    /// What was in each of so many equal parts of the stretch; nil where nothing is known. No peak is lost.
    package func columns(_ count: Int) -> [Sample?] {
        guard count > 0, stretch.length > 0 else { return [] }
        var gathered = [Gathered?](repeating: nil, count: count)
        func edge(_ column: Int) -> Instant {
            stretch.start + Int64((Double(stretch.length) * Double(column) / Double(count)).rounded())
        }
        for sample in samples {
            let start = max(sample.window.start, stretch.start)
            let end = min(sample.window.end, stretch.end)
            guard start < end else { continue }
            let scale = Double(count) / Double(stretch.length)
            let first = min(count - 1, Int(Double(start - stretch.start) * scale))
            let last = max(first, min(count - 1, Int((Double(end - stretch.start) * scale).rounded(.up)) - 1))
            for column in first...last {
                let from = max(start, edge(column))
                let share = max(1, min(end, edge(column + 1)) - from)
                gathered[column, default: Gathered(sample)].add(sample, Double(share))
            }
        }
        return gathered.enumerated().map { column, found in
            found?.sample(Window(start: edge(column), end: edge(column + 1)))
        }
    }

    /// The scale of its values: a limit within three times their range is inside.
    package func scale(ticks: Int) -> ValueScale {
        let low = samples.map(\.minimum).min() ?? lines.map(\.value).min() ?? 0
        let high = samples.map(\.maximum).max() ?? lines.map(\.value).max() ?? 1
        let range = max(high - low, abs(high) * 0.05)
        let near = lines.map(\.value).filter { $0 <= high + 3 * range && $0 >= low - 3 * range }
        return ValueScale(holding: [low, high] + near, ticks: ticks)
    }
}

extension [TimeChart.Gathered?] {
    fileprivate subscript(index: Int, default value: @autoclosure () -> TimeChart.Gathered) -> TimeChart.Gathered {
        get { self[index] ?? value() }
        set { self[index] = newValue }
    }
}

extension TimeChart {
    /// What comes together in one column.
    fileprivate struct Gathered {
        var minimum, maximum: Double
        var sum = 0.0
        var weight = 0.0
        var isUncertain = false
        var isSuspect = false
        var isProvisional = false
        var isRevised = false

        init(_ sample: Sample) { (minimum, maximum) = (sample.minimum, sample.maximum) }

        mutating func add(_ sample: Sample, _ share: Double) {
            minimum = min(minimum, sample.minimum)
            maximum = max(maximum, sample.maximum)
            sum += sample.mean * share
            weight += share
            isUncertain = isUncertain || sample.isUncertain
            isSuspect = isSuspect || sample.isSuspect
            isProvisional = isProvisional || sample.isProvisional
            isRevised = isRevised || sample.isRevised
        }

        func sample(_ window: Window) -> Sample {
            var sample = Sample(
                window, sum / weight, isUncertain: isUncertain, isProvisional: isProvisional, isRevised: isRevised,
                isSuspect: isSuspect)
            (sample.minimum, sample.maximum) = (minimum, maximum)
            return sample
        }
    }
}
