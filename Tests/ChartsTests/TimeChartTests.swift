import Charts
import Metering
import Testing

@Suite("A chart over time")
struct TimeChartTests {
    private static let calendar = SiteCalendar(identifier: "Europe/Stockholm")

    private func instant(_ text: String) throws -> Instant { try #require(Instant(text)) }

    private func chart(_ values: [Double?], lines: [TimeChart.Line] = []) -> TimeChart {
        let samples = values.enumerated().compactMap { index, value in
            value.map {
                TimeChart.Sample(
                    Window(
                        start: Instant(milliseconds: Int64(index) * 1000),
                        end: Instant(milliseconds: Int64(index + 1) * 1000)), $0)
            }
        }
        let stretch = Window(
            start: Instant(milliseconds: 0), end: Instant(milliseconds: Int64(values.count) * 1000))
        return TimeChart(title: "a.b", unit: "kW", stretch: stretch, samples: samples, lines: lines)
    }

    @Test("no peak disappears, however few columns there are", arguments: [1, 7, 80, 720, 3000])
    func peaks(columns: Int) {
        var values = (0..<1000).map { Double($0 % 10) }
        values[437] = 5000
        values[901] = -70
        let shown = chart(values).columns(columns)
        #expect(shown.count == columns)
        #expect(shown.compactMap { $0?.maximum }.max() == 5000)
        #expect(shown.compactMap { $0?.minimum }.min() == -70)
    }

    @Test("the mean of a column is weighted by time")
    func mean() throws {
        let whole = try #require(chart([0, 0, 0, 8]).columns(1).first ?? nil)
        #expect(whole.mean == 2)
    }

    @Test("a gap stays empty and is not joined, on a terminal and in a file")
    func gap() throws {
        let calendar = try #require(Self.calendar)
        var values: [Double?] = Array(repeating: 5, count: 100)
        for index in 40..<60 { values[index] = nil }
        let gapped = chart(values)
        #expect(gapped.columns(100)[40..<60].allSatisfy { $0 == nil })
        let rows = TerminalChart(gapped, calendar: calendar, width: 106, height: 12).lines.dropFirst().dropLast(2)
        let drawn = rows.map { Array($0) }.filter { $0.count > 60 }
        let middle = drawn.first!.count - 100 + 50
        #expect(drawn.allSatisfy { $0[middle] == " " }, "\(rows.joined(separator: "\n"))")
        let paths = gapped.svg(calendar: calendar).split(separator: "<path").filter { $0.contains("s-value") }
        #expect(paths.count == 2)
    }

    @Test("a limit near the data is inside, one far away is an arrow with its number")
    func limits() throws {
        let calendar = try #require(Self.calendar)
        let near = chart([10, 20], lines: [TimeChart.Line(.limit, 45)])
        #expect(near.scale(ticks: 5).upper >= 45)
        let far = chart([10, 20], lines: [TimeChart.Line(.limit, 900)])
        #expect(far.scale(ticks: 5).upper < 100)
        #expect(TerminalChart(far, calendar: calendar, width: 60, height: 12).lines[1].hasPrefix("↑900"))
        #expect(far.svg(calendar: calendar).contains("↑ limit 900"))
    }

    @Test("fits its cells, in braille and in ASCII", arguments: [(80, 24), (40, 10), (200, 60)], [false, true])
    func fits(_ size: (Int, Int), isASCII: Bool) throws {
        let calendar = try #require(Self.calendar)
        var long = chart((0..<500).map { Double($0 % 90) }, lines: [TimeChart.Line(.limit, 80)])
        long.episodes = [
            TimeChart.Episode(
                Window(start: Instant(milliseconds: 5000), end: Instant(milliseconds: 9000)), "NC-2026-0001")
        ]
        let lines = TerminalChart(long, calendar: calendar, width: size.0, height: size.1, isASCII: isASCII).lines
        #expect(lines.count <= size.1)
        #expect(lines.allSatisfy { ShownText($0).width <= size.0 }, "\(lines)")
        #expect(lines.contains { $0.contains("NC-2026-0001") })
        if isASCII { #expect(lines.joined().utf8.allSatisfy { $0 < 0x80 }) }
    }

    @Test("its picture is the same bytes for the same data, and says nothing that a text could smuggle in")
    func picture() throws {
        let calendar = try #require(Self.calendar)
        var odd = chart([1, 2, 3])
        odd.title = "<script>alert(1)</script>\u{1B}[2J & co"
        let picture = odd.svg(calendar: calendar)
        #expect(picture == odd.svg(calendar: calendar))
        #expect(!picture.contains("<script") && !picture.contains("\u{1B}"))
        #expect(picture.contains("&lt;script&gt;"))
    }

    @Test(
        "values' ticks are 1, 2 or 5 times a power of ten",
        arguments: [(0.0, 1.0), (98.2, 255), (-3, 3), (1e9, 4e9), (5, 5)])
    func ticks(_ low: Double, _ high: Double) {
        let scale = ValueScale(holding: [low, high], ticks: 6)
        #expect(scale.lower <= low && scale.upper >= high)
        var step = scale.step
        while step >= 10 { step /= 10 }
        while step < 0.999999 { step *= 10 }
        #expect([1.0, 2, 5].contains { abs($0 - step) < 1e-6 }, "\(scale.step)")
        #expect((2...12).contains(scale.ticks.count))
    }

    @Test(
        "hours of days with a change of the clock are ticked by the clock, once each",
        arguments: [
            ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 23), ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 25),
        ])
    func clock(_ start: String, _ end: String, _ hours: Int) throws {
        let calendar = try #require(Self.calendar)
        let day = Window(start: try instant(start), end: try instant(end))
        #expect(day.length == Int64(hours) * 3_600_000)
        let ticks = TimeTicks(day, calendar, atMost: 9).ticks
        #expect(ticks.map(\.text).dropFirst() == ["03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00"])
        #expect(ticks.first?.isMajor == true)
        #expect(Set(ticks.map(\.instant)).count == ticks.count)
    }

    @Test("a sparkline has a bar a value and a blank where none is known")
    func sparkline() {
        #expect(Sparkline.text([0, nil, 7, 3.5]) == "▁ █▅")
        #expect(Sparkline.text([1, 1], isASCII: true) == "==")
    }
}
