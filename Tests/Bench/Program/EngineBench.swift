import Indicators
import Metering

/// The engine alone, without files and without a store: 200 points, 100 indicators of mixed windows.
enum EngineBench {
    private static let pointCount = 200
    private static let indicatorCount = 100

    /// Feeds that many rounds of one reading a point every 10 s, and reports readings a second through the engine.
    static func run(rounds: Int) throws -> Report {
        let calendar = SiteCalendar(identifier: "Europe/Stockholm")
        guard let calendar else { throw BenchFault("there is no time zone Europe/Stockholm: install tzdata") }
        let points = (0..<pointCount).map { index in
            PointDefinition(
                name: "m\(index).p", kind: index % 4 == 0 ? .counter : .gauge, maxGap: 30_000,
                maxRate: index % 4 == 0 ? 1e6 : nil)
        }
        let plan = IndicatorPlan(calendar: calendar, points: points, indicators: try indicators(over: points))
        let engine = IndicatorEngine(plan: plan)
        let start = Instant(milliseconds: 1_767_225_600_000)
        for index in plan.indicators.indices {
            let windows = WindowSequence(plan.indicators[index].rule, calendar: calendar)
            engine.open(index, at: windows.first(endingAfter: start))
        }
        var numbers = SeededNumbers(42)
        var counters = [Double](repeating: 0, count: pointCount)
        var spent = 0.0
        var closed = 0
        for round in 0..<rounds {
            let batch = (0..<pointCount).map { point in
                let time = start + Int64(round) * 10_000 + Int64(point) * 50
                guard point % 4 == 0 else { return Reading(PointIndex(point), time, numbers.nextFraction() * 100) }
                counters[point] += numbers.nextFraction()
                return Reading(PointIndex(point), time, counters[point])
            }
            spent += Stopwatch.seconds {
                var index = 0
                while index < batch.count {
                    index = engine.take(batch, from: index)
                    closed += engine.takeOutput().closed.count
                }
            }
        }
        let readings = rounds * pointCount
        return [
            "readings": Double(readings), "windows": Double(closed), "readings_per_second": Double(readings) / spent,
        ]
    }

    private static func indicators(over points: [PointDefinition]) throws -> [IndicatorDefinition] {
        func find(_ name: String) -> (index: PointIndex, kind: PointKind)? {
            points.firstIndex { $0.name == name }.map { (PointIndex($0), points[$0].kind) }
        }
        let lengths = ["15m", "1h", "1d", "1mo", "30m"]
        return try (0..<indicatorCount).map { index in
            let gauge = "m\((index % 150) | 1).p"
            let counter = "m\((index * 4) % pointCount).p"
            guard let length = CalendarLength(lengths[index % lengths.count]), let plain = WindowRule(plain: length)
            else {
                throw BenchFault("'\(lengths[index % lengths.count])' is no window")
            }
            let isRolling = index % 6 == 4
            let formula =
                switch index % 6 {
                case 0, 4: "mean(\(gauge))"
                case 1: "delta(\(counter))"
                case 2: "max(\(gauge)) - min(\(gauge))"
                case 3: "delta(\(counter)) / integral(\(gauge))"
                default: "hours(\(gauge) > 50)"
                }
            return IndicatorDefinition(
                name: "i\(index)",
                rule: isRolling ? WindowRule(grid: .partOfDay(3_600_000), rolling: CalendarLength(24, .hours)) : plain,
                formula: try FormulaParser.indicator(formula, points: find) { _ in nil }, formulaText: formula,
                condition: index % 10 == 9 ? try FormulaParser.condition("\(gauge) > 20", points: find) : nil)
        }
    }
}
