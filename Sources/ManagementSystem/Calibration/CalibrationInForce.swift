import Metering

/// The calibration function that an indicator's values go through from a date on: ŷ = a + b · x (QAL2 of EN 14181).
package struct CalibrationInForce: Sendable, Hashable {
    package var indicator: String
    /// From when; the distant past where it holds from the beginning.
    package var from: Instant
    /// a, in the unit of the values.
    package var intercept: Double
    /// b.
    package var slope: Double
    /// Between which calibrated values it was found; nil: nobody said.
    package var valid: ClosedRange<Double>?

    /// A function in force.
    package init(
        indicator: String, from: Instant, intercept: Double, slope: Double, valid: ClosedRange<Double>?
    ) {
        (self.indicator, self.from, self.valid) = (indicator, from, valid)
        (self.intercept, self.slope) = (intercept, slope)
    }
}

/// How many values of one week were outside the valid range of their calibration function (EN 14181, 6.5).
package struct RangeWeek: Sendable, Hashable {
    /// From Monday to Monday, local.
    package var week: Window
    /// The valid values whose windows begin in it.
    package var windows: Int
    package var outside: Int
    /// Weeks with more than 5 % outside since the function was last tested or changed, this one included.
    package var overs = 0
    /// What it says.
    package var alarm: Alarm?

    /// When the function is to be found anew.
    package enum Alarm: String, Sendable, Hashable {
        /// More than 40 % of this week's values are outside.
        case oneWeek = "over 40 %"
        /// More than 5 % are outside for the sixth week since the last test.
        case manyWeeks = "sixth week over 5 %"
    }

    /// A week with so many values.
    package init(week: Window, windows: Int, outside: Int) {
        (self.week, self.windows, self.outside) = (week, windows, outside)
    }

    /// More than 5 % of its values are outside.
    package var isOver: Bool { outside * 20 > windows }

    /// More than 40 % are.
    package var isFarOver: Bool { outside * 5 > windows * 2 }

    /// Weeks in their order with what they say; `resets`: when the function was tested, or another came into force.
    package static func judged(_ weeks: [RangeWeek], resets: [Instant]) -> [RangeWeek] {
        var overs = 0
        var last = Instant.distantPast
        return weeks.map { week in
            var week = week
            if resets.contains(where: { $0 > last && $0 <= week.week.start }) { overs = 0 }
            last = week.week.start
            if week.isOver { overs += 1 }
            week.overs = overs
            if week.isFarOver {
                week.alarm = .oneWeek
            } else if week.isOver, overs == 6 {
                week.alarm = .manyWeeks
            }
            return week
        }
    }
}
