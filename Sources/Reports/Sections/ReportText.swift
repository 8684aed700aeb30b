import Charts
import Conformity
import Listings
import Metering

/// Numbers, shares and times as they stand in reports.
enum ReportText {
    static func counted(_ count: Int, _ one: String, _ many: String) -> String { "\(count) \(count == 1 ? one : many)" }

    static func day(_ date: CivilDate) -> String { ChartText.dayOfYear(date) }

    static func time(_ instant: Instant, _ figures: ReportFigures) -> String {
        let calendar = figures.calendar
        return "\(day(calendar.date(instant))) \(ChartText.clock(instant, calendar))"
    }

    /// A number with four significant digits, or a dash.
    static func number(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "–" }
        return ListingText.significant(value, abs(value) >= 10_000 ? 7 : 4)
    }

    static func share(_ share: Double?) -> String {
        guard let share else { return "–" }
        return fixed(share * 100, 1) + " %"
    }

    /// How a figure differs from an earlier one.
    static func change(_ now: Double?, _ before: Double?) -> String {
        guard let now, let before, before != 0 else { return "–" }
        let change = (now - before) / abs(before) * 100
        return (change >= 0 ? "+" : "−") + fixed(abs(change), 1) + " %"
    }

    static func fixed(_ value: Double, _ decimals: Int) -> String {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        guard value.isFinite, abs(value) < 1e12 else { return "–" }
        let whole = Int((abs(value) * scale).rounded())
        let digits = String(whole)
        guard decimals > 0 else { return (value < 0 ? "-" : "") + digits }
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return (value < 0 && whole > 0 ? "-" : "") + padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }

    /// A duration in hours.
    static func hours(_ milliseconds: Int64) -> String { fixed(Double(milliseconds) / 3_600_000, 1) }

    static func amount(_ value: Double?, _ unit: String?) -> String {
        value == nil ? "–" : number(value) + (unit.map { " \($0)" } ?? "")
    }

    static func tone(_ verdict: Verdict) -> String {
        switch verdict {
        case .met: "met"
        case .warning: "warning"
        case .notMet: "bad"
        case .notEvaluable: "quiet"
        }
    }

    static func word(_ verdict: Verdict) -> String {
        verdict.text.split(separator: "_").joined(separator: " ")
    }
}
