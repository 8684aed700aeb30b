import Conformity
import Metering
import Testing

@testable import Listings

@Suite("The story of a nonconformity")
struct NonconformityStoryTests {
    private func window(_ index: Int) -> EvidenceWindow {
        let start = Int64(index) * 1000
        let value: Double? = index == 7 ? nil : index == 500 ? 999 : 201
        let verdict = index == 7 ? "no_data" : "not_met"
        return EvidenceWindow(
            start: start, end: start + 1000, verdict: verdict, value: value, limit: 200, coverage: 1, status: "valid")
    }

    private func point(_ index: Int) -> EvidencePoint {
        EvidencePoint(point: "m.p\(index)", count: 1, minimum: 1, maximum: 1, first: 1, last: 1)
    }

    private func story(windows: Int, showsAll: Bool = false, width: Int? = nil) throws -> [Substring] {
        let found = Nonconformity(
            id: "NC-2026-0001", objective: "permit", severity: .major, onset: Instant(milliseconds: 0),
            raisedAt: Instant(milliseconds: 1000), peak: 999, limit: 200, unit: "mg/m3", definition: "{}",
            configurationDigest: "ab", windows: (0..<windows).map(window), points: (0..<40).map(point))
        let calendar = try #require(SiteCalendar(identifier: "UTC"))
        return NonconformityStory(
            found, life: NonconformityLifecycle(id: found.id), title: nil, calendar: calendar, showsAll: showsAll,
            width: width
        ).text.split(separator: "\n")
    }

    @Test(
        "a long episode is told on one screen: counts, the first, the worst and the last windows; the next step first")
    func folded() throws {
        let lines = try story(windows: 8962)
        #expect(lines.count < 45)
        #expect(lines[1].hasPrefix("Next         emsctl nc ack NC-2026-0001"))
        #expect(lines.contains { $0.hasSuffix("8962: 1 no_data, 8961 not_met; --all shows each of them") })
        #expect(lines.contains { $0.contains("worst  1970-01-01T00:08:20") && $0.contains("999 mg/m3") })
        #expect(lines.count { $0.contains("first  ") } == 3)
        #expect(lines.count { $0.contains("last   1970-01-01T02:29:") } == 3)
        #expect(lines.contains { $0.hasSuffix("and 28 points more: --all shows them") })
    }

    @Test("on a screen no line is longer than it, and the next step can be copied over its lines")
    func narrow() throws {
        let lines = try story(windows: 8962, width: 80)
        let long = lines.filter { $0.count > 80 }
        #expect(long.isEmpty)
        #expect(lines[1] == "Next         emsctl nc ack NC-2026-0001 \\")
        #expect(lines[2] == "                 --text \"what was done at once, or why nothing\"")
        let further = lines.filter { $0.hasPrefix(String(repeating: " ", count: 17)) }
        #expect(further.contains { $0.contains("coverage 100.0 %") })
        let wide = try story(windows: 8962)
        #expect(try story(windows: 8962, width: 400) == wide)
    }

    @Test("a short one, or all where that is asked for, is told window by window")
    func whole() throws {
        #expect(try story(windows: 12).count { $0.contains("coverage 100.0 %") } == 12)
        let lines = try story(windows: 8962, showsAll: true)
        #expect(lines.count { $0.contains("coverage 100.0 %") } == 8962)
        #expect(lines.count { $0.contains("m.p") } == 40)
    }
}
