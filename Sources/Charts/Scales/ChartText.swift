import Foundation
import Metering

/// Numbers and times as they stand beside charts.
package enum ChartText {
    /// The number with as many decimals as a step between such numbers needs.
    package static func number(_ value: Double, step: Double) -> String {
        guard value.isFinite else { return "-" }
        let size = max(abs(value), step)
        if size >= 1e7 || step < 1e-6 { return String(format: "%.3g", value == 0 ? 0 : value) }
        var decimals = 0
        while decimals < 7, step * pow(10, Double(decimals)) < 0.999 { decimals += 1 }
        let text = String(format: "%.\(decimals)f", value)
        return text.allSatisfy { "-0.".contains($0) } ? "0" : text
    }

    /// The number with at most four significant digits, for a glance.
    package static func short(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        let text = String(format: "%.4g", value)
        guard text.contains("e"), abs(value) < 1e9, abs(value) >= 1 else { return text }
        return String(format: "%.0f", value)
    }

    /// The names of the months.
    package static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// A local day, e.g. `26 Nov`.
    package static func day(_ date: CivilDate) -> String {
        let (_, month, day) = date.components
        return "\(day) \(months[month - 1])"
    }

    /// A local day with its year, e.g. `26 Nov 2026`.
    package static func dayOfYear(_ date: CivilDate) -> String { "\(day(date)) \(date.components.year)" }

    /// The local time of day, to the minute, or to the second where it is not a whole minute.
    package static func clock(_ instant: Instant, _ calendar: SiteCalendar) -> String {
        let local = calendar.local(instant)
        let second = Int((local - Int64(calendar.date(instant).dayNumber) * 86_400_000) / 1000)
        func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
        let clock = "\(two(second / 3600)):\(two(second / 60 % 60))"
        return second % 60 == 0 ? clock : clock + ":\(two(second % 60))"
    }
}
