import Indicators
import ManagementSystem
import Metering
import Storage

/// The weekly count of values outside the valid range of a calibration function (EN 14181, 6.5).
package struct RangeWeeks {
    private let plan: IndicatorPlan
    private let functions: [CalibrationInForce]
    private let reader: StoreReader

    /// The weeks of what has a calibration function with a valid range.
    package init(_ plan: IndicatorPlan, _ functions: [CalibrationInForce], _ reader: StoreReader) {
        (self.plan, self.functions, self.reader) = (plan, functions, reader)
    }

    /// The indicators that have one, in the order of the configuration.
    package var indicators: [String] {
        var seen: Set<String> = []
        return functions.filter { $0.valid != nil }.map(\.indicator).filter { seen.insert($0).inserted }
    }

    /// The weeks of an indicator that are over at an instant and hold values, each with what it says.
    package func weeks(of name: String, until now: Instant) throws -> [RangeWeek] {
        let own = functions.filter { $0.indicator == name }
        guard let index = plan.indicators.firstIndex(where: { $0.name == name }), let first = own.first else {
            return []
        }
        var weeks: [RangeWeek] = []
        try reader.values(index, in: Window(start: first.from, end: now)) { value in
            guard value.status == .valid, let number = value.value,
                let range = own.last(where: { $0.from <= value.window.start })?.valid
            else { return }
            let week = RangeWeeks.week(of: value.window.start, in: plan.calendar)
            guard week.end <= now else { return }
            if weeks.last?.week != week { weeks.append(RangeWeek(week: week, windows: 0, outside: 0)) }
            weeks[weeks.count - 1].windows += 1
            if !range.contains(number) { weeks[weeks.count - 1].outside += 1 }
        }
        let points = plan.measuredPoints(behind: plan.pointsUsed(by: index)).map { plan.points[Int($0)].name }
        let tests = try ManagementRecords.calibrations(in: reader).filter { check in
            check.asFound == .pass && points.contains { $0.hasPrefix(check.meter + ".") }
        }
        return RangeWeek.judged(
            weeks, resets: (own.map(\.from) + tests.map { Instant(milliseconds: $0.date) }).sorted())
    }

    /// The local week from Monday to Monday that holds an instant.
    package static func week(of instant: Instant, in calendar: SiteCalendar) -> Window {
        let day = calendar.date(instant).dayNumber
        let monday = day - ((day + 3) % 7 + 7) % 7
        return Window(
            start: calendar.start(of: CivilDate(dayNumber: monday)),
            end: calendar.start(of: CivilDate(dayNumber: monday + 7)))
    }
}
