import Conformity
import Metering
import Recording
import Reports
import Testing

@Suite("What stands on the pages and in the report of a plant")
struct PageContentTests {
    private func page(_ path: String...) throws -> String {
        let plant = try ReportedPlant()
        let now = try #require(Instant("2026-01-12T00:00:00Z"))
        return try #require(try PlantPages(plant.record, now: now) { _, _ in "" }.page(path, hours: 100))
    }

    @Test("The first line says what waits for people, also where nothing is wrong at the moment")
    func headline() throws {
        let text = try page("")
        #expect(text.contains("Works &lt;b&gt;&amp;co&lt;/b&gt;: all is well; 2 nonconformities wait for people"))
    }

    @Test("An indicator is made of the points of its formula, and of none whose name begins like theirs")
    func parts() throws {
        let text = try page("indicator", "nox_half_hour")
        #expect(text.contains("<a href=\"/point/stack.nox\">stack.nox</a>"))
        #expect(!text.contains("/point/stack.no\""))
    }

    @Test("What waits alike stands in one row with its count; a life is told only where somebody took a step")
    func folded() throws {
        // Four objectives of one title, all broken by the two hours of 250.
        let objectives = (0..<4).map { "  o\($0): {title: Same, indicator: nox_half_hour, max: \(200 + $0)}" }
        let plant = try ReportedPlant(objectives: objectives.joined(separator: "\n"))
        var html = try plant.html()
        #expect(
            html.contains("4: <a href=\"#NC-2026-0001\">NC-2026-0001</a> to <a href=\"#NC-2026-0004\">NC-2026-0004</a>")
        )
        #expect(html.contains("Nobody has taken a step with 4 of 4."))
        #expect(!html.contains("<h3 id=\"NC-"))
        try plant.tell { recorder, now in
            try recorder.take(
                LifecycleStep(.acknowledge, by: "anna", at: now, text: "seen"), of: "NC-2026-0002",
                hasSingleOperator: false, now: now)
        }
        html = try plant.html()
        #expect(html.contains("Nobody has taken a step with 3 of 4."))
        #expect(html.contains("<h3 id=\"NC-2026-0002\">"))
    }
}
