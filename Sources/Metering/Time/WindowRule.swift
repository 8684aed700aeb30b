/// How time is divided into windows (Rules 7): plain, shifts, or rolling.
package struct WindowRule: Hashable, Sendable {
    /// What places the ends of the windows.
    package enum Grid: Hashable, Sendable {
        /// Local wall-clock multiples of this many milliseconds since local midnight; less than a day, and a divisor of it.
        case partOfDay(Int64)
        /// Local days.
        case day
        /// Weeks from Monday.
        case week
        /// Calendar months, that many: 1, 3 (quarter) or 12 (year).
        case months(Int)
        /// Local times of day in milliseconds since midnight, ascending; a window runs from one to the next.
        case shifts([Int64])
        /// Calendar lengths that begin elsewhere than at the calendar's own edge.
        case beginning(CalendarBegin)
    }

    /// Where windows end.
    package var grid: Grid
    /// For rolling windows the length before each end; nil for windows from one end to the next.
    package var rolling: CalendarLength?

    /// Of windows of counted days, how many days that count each has: the grid places the days, and each window ends with one that
    /// counts (``CountedDays``); nil for windows of the calendar alone.
    package var counted: Int?

    /// A rule of windows on a grid, rolling where a length is given.
    package init(grid: Grid, rolling: CalendarLength? = nil) {
        self.grid = grid
        self.rolling = rolling
    }

    /// The plain rule of a length such as `15m` or `1mo`; nil where it is no divisor of a day and not one of `1d 1w 1mo 1q 1y`.
    package init?(plain length: CalendarLength) {
        if let elapsed = length.elapsedMilliseconds {
            if elapsed == 86_400_000 {
                self.init(grid: .day)
            } else if elapsed >= 1000, elapsed < 86_400_000, 86_400_000 % elapsed == 0 {
                self.init(grid: .partOfDay(elapsed))
            } else {
                return nil
            }
            return
        }
        switch (length.count, length.step) {
        case (1, .days): self.init(grid: .day)
        case (1, .weeks): self.init(grid: .week)
        case (1, .months): self.init(grid: .months(1))
        case (1, .quarters): self.init(grid: .months(3))
        case (1, .years): self.init(grid: .months(12))
        default: return nil
        }
    }

    /// Milliseconds from one window's end to the next, about: by it the windows of a long stretch are estimated.
    package var step: Int64 {
        switch grid {
        case .partOfDay(let length): length
        case .day: 86_400_000
        case .week: 7 * 86_400_000
        case .months(let months): Int64(months) * 28 * 86_400_000
        case .shifts(let times): 86_400_000 / Int64(max(1, times.count))
        case .beginning(.day): 86_400_000
        case .beginning(.week): 7 * 86_400_000
        case .beginning(.months(let months, _, _)): Int64(months) * 28 * 86_400_000
        }
    }

    /// The change of the zone's clock that windows of this rule cannot be laid over, in milliseconds; nil where all is well.
    ///
    /// A part of a day that is no longer than a change must divide it (Rules 7).
    package func changeNotDivided(in calendar: SiteCalendar) -> Int64? {
        guard case .partOfDay(let length) = grid else { return nil }
        return calendar.changes.sorted().first { length <= $0 && $0 % length != 0 }
    }
}

extension WindowRule {
    /// The rule as a configuration has it: `15m`, `1mo from 15`; of rolling windows, only where they end.
    package var written: String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        func clock(_ time: Int64) -> String {
            let (minutes, seconds) = (Int(time / 60_000), Int(time / 1000 % 60))
            return "\(two(minutes / 60)):\(two(minutes % 60))" + (seconds == 0 ? "" : ":\(two(seconds))")
        }
        func length(_ months: Int) -> String { months == 1 ? "1mo" : months == 3 ? "1q" : "1y" }
        switch grid {
        case .partOfDay(let length):
            for (unit, size) in [("h", 3_600_000), ("m", 60_000)] as [(String, Int64)] where length % size == 0 {
                return "\(length / size)\(unit)"
            }
            return "\(length / 1000)s"
        case .day: return "1d"
        case .week: return "1w"
        case .months(let months): return length(months)
        case .shifts(let times): return "[" + times.map { "\"\(clock($0))\"" }.joined(separator: ", ") + "]"
        case .beginning(.day(let time)): return "1d from \(clock(time))"
        case .beginning(.week(let day)): return "1w from \(CivilDate.weekdays[day])"
        case .beginning(.months(1, _, let day)): return "1mo from \(day)"
        case .beginning(.months(let months, let month, let day)):
            return "\(length(months)) from \(two(month + 1))-\(two(day))"
        }
    }
}

extension WindowRule {
    /// Milliseconds of a window, where a day is 24 h, a month 30 d, a quarter 91 d and a year 365 d; of shifts the
    /// longest.
    package var nominalLength: Int64 {
        if let rolling { return rolling.nominalMilliseconds }
        let day: Int64 = 86_400_000
        if let counted { return Int64(counted) * day }
        switch grid {
        case .partOfDay(let length): return length
        case .day: return day
        case .week: return 7 * day
        case .months(let months), .beginning(.months(let months, _, _)):
            return months == 1 ? 30 * day : months == 3 ? 91 * day : 365 * day
        case .beginning(.day): return day
        case .beginning(.week): return 7 * day
        case .shifts(let times):
            let next = times.dropFirst() + [(times.first ?? 0) + day]
            return zip(times, next).map { $1 - $0 }.max() ?? day
        }
    }
}
