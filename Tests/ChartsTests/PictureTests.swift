import Charts
import Metering
import Testing

@Suite("Pictures of the report")
struct PictureTests {
    @Test("a value at an edge belongs to the class that it ends, one above the limit to none of them")
    func classes() {
        let histogram = ClassHistogram(
            title: "NOx", unit: "mg/m3", values: [0, 10, 10.0001, 200, 200.1, -5], limit: 200)
        let counts = histogram.classes.map(\.count)
        #expect(counts.count == 21)
        #expect(counts[0] == 3 && counts[1] == 1 && counts[19] == 1 && counts[20] == 1)
        #expect(histogram.svg.contains("1 above the limit of 200 mg/m3"))
    }

    @Test("a calendar counts its days in words, and marks what was not met without colour")
    func calendar() throws {
        let day = try #require(CivilDate("2026-03-01"))
        let days: [CivilDate: VerdictCalendar.Mark] = [
            day: .met, CivilDate(dayNumber: day.dayNumber + 1): .notMet,
            CivilDate(dayNumber: day.dayNumber + 2): .notEvaluable,
        ]
        let picture = VerdictCalendar(title: "NOx", year: 2026, days: days).svg
        #expect(picture.contains("1 days met, 0 days warning, 1 days not met, 1 days not evaluable"))
        #expect(picture.contains("2 Mar 2026: not met"))
        #expect(picture == VerdictCalendar(title: "NOx", year: 2026, days: days).svg)
    }

    @Test("a year of hours is a picture of less than 200 kB")
    func size() throws {
        let first = try #require(CivilDate("2026-01-01"))
        let last = try #require(CivilDate("2026-12-31"))
        var hours: [CivilDate: [Int: Double]] = [:]
        for number in first.dayNumber...last.dayNumber {
            for hour in 0..<24 { hours[CivilDate(dayNumber: number), default: [:]][hour] = Double(number * 7919 % 100) }
        }
        let map = LoadHeatMap(title: "Load", unit: "kW", from: first, to: last, hours: hours)
        #expect(map.svg.utf8.count < 200_000)
    }

    @Test("the band of a running sum is around it, and its picture says where it ended")
    func cusum() throws {
        let calendar = try #require(SiteCalendar(identifier: "UTC"))
        let stretch = Window(start: Instant(milliseconds: 0), end: Instant(milliseconds: 10_000))
        let sums = (1...10).map { (end: Instant(milliseconds: Int64($0) * 1000), sum: Double($0) * 5, band: 2.0) }
        let picture = CusumChart(title: "Savings", unit: "kWh", stretch: stretch, sums: sums).svg(calendar: calendar)
        #expect(picture.contains("at the end 50 ± 2") && picture.contains("f-band"))
    }
}
