import Metering

extension PlainWords {
    /// The sentence of a window that will not keep its limit at the present rate: the value so far, what it comes to and when, what the
    /// rest may still have.
    package func forecast(_ forecast: Forecast) -> String {
        let unit = unit.map { " \($0)" } ?? ""
        let end = CalendarWords.time(forecast.span.end, in: calendar)
        let limit = forecast.limit.map { " against the limit \(CalendarWords.number($0))" } ?? ""
        let rest = forecast.remaining.map { "; the rest may have \(CalendarWords.number($0))\(unit) at most" } ?? ""
        return
            "\(title): \(CalendarWords.number(forecast.value))\(unit) so far, \(CalendarWords.number(forecast.projection))\(unit)"
            + " at this rate by \(end)\(limit)\(rest)"
    }
}
