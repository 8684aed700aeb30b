import Foundation
import Listings
import Metering
import PlantAPI
import Testing

@Suite("The status on a screen")
struct StatusScreenTests {
    private func screen(_ form: TerminalForm, all: Bool = false) throws -> [String] {
        let plant = try RecordedPlant()
        var query = ListingQuery(.status, format: .table)
        query.terminal = form
        query.showsAll = all
        return try plant.answer(query).split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(
            String.init)
    }

    @Test("answers whether all is well first, then says what is wrong with since when, by how much and what to do")
    func story() throws {
        let lines = try screen(TerminalForm(width: 80, height: 24))
        #expect(lines.first == "Test works: NOT in order: 1 point bad")
        #expect(lines.contains { $0.hasPrefix("!  stack.nox bad") && $0.contains("since") }, "\(lines)")
        #expect(lines.contains("   → emsctl points --quality bad"))
        let found = try #require(lines.firstIndex { $0.hasPrefix("~  NC-2026-0001") })
        #expect(lines[found].contains("cleared, open  +25 %, since 2026-01-10 03:00"), "\(lines)")
        let wide = try screen(TerminalForm(width: 200, height: 24))
        #expect(wide.contains { $0.contains("250 against 200 mg/m3 (+25 %), since") }, "\(wide)")
        #expect(lines[found + 1].contains("emsctl nc ack NC-2026-0001"))
        for kind in ["meters", "points", "objectives", "record"] {
            #expect(lines.count { $0.hasPrefix(kind + " ") } == 1, "\(kind)")
        }
    }

    @Test(
        "fits every screen, and counts what it has no room for", arguments: [(80, 24), (120, 40), (200, 60), (40, 10)])
    func fits(_ width: Int, _ height: Int) throws {
        let lines = try screen(TerminalForm(width: width, height: height))
        #expect(lines.count < height)
        #expect(lines.allSatisfy { ShownText($0).width <= width }, "\(lines)")
    }

    @Test("alerts and stories are in ASCII too where there is nothing else")
    func storiesInASCII() throws {
        let plant = try RecordedPlant(title: "NOₓ below the limit")
        for (listing, name) in [(ListingQuery.Listing.alerts, nil), (.nonconformities, "NC-2026-0001")] {
            var query = ListingQuery(listing, name: name, since: "2026-01-01", format: .table)
            #expect(try plant.answer(query).contains("NOₓ below the limit"), "\(listing)")
            query.terminal = TerminalForm(width: 80, height: 24, isASCII: true)
            let text = try plant.answer(query)
            #expect(text.contains("below the limit") && text.utf8.allSatisfy { $0 < 128 }, "\(text)")
        }
    }

    @Test("a meter without a reading is not called good, and one that has no link does not wait to be asked")
    func withoutReadings() throws {
        let plant = try RecordedPlant(meters: "  gas: {points: {index: {kind: counter, unit: m3, max_rate: 100}}}\n")
        let recorded = try plant.answer(ListingQuery(.status, format: .table))
        #expect(recorded.contains("meters     0 of 2 good, 1 without a reading"), "\(recorded)")
        let offline = try PlantRecord(directory: plant.directory)
        let live = LiveState(
            startedAt: .distantFuture, links: [], addresses: [:], provisional: [], faults: [], leftOut: 0)
        let record = try PlantRecord(
            store: offline.store, plantSummary: offline.plantSummary, plan: offline.plan, live: { live })
        var text = ""
        _ = try record.answer(ListingQuery(.status, format: .table)) { text += String(decoding: $0, as: UTF8.self) }
        #expect(text.contains("not asked yet: stack; 1 of 2 meters"), "\(text)")
    }

    @Test("a record without a reading is not called well")
    func nothingRead() throws {
        let text = try RecordedPlant(isEmpty: true).answer(ListingQuery(.status, format: .table))
        #expect(text.hasPrefix("Test works: nothing is on record yet\n"), "\(text)")
    }

    @Test("a line that has no room for more keeps number and objective")
    func narrow() throws {
        let lines = try screen(TerminalForm(width: 40, height: 24))
        #expect(lines.contains { $0.hasPrefix("~  NC-2026-0001 nox") }, "\(lines)")
    }

    @Test("shows all where it is asked to, and all in a pipe")
    func all() throws {
        let cut = try screen(TerminalForm(width: 80, height: 8))
        #expect(cut.contains { $0.hasSuffix("more: emsctl status --all") }, "\(cut)")
        let whole = try screen(TerminalForm(width: 80, height: 8), all: true)
        #expect(whole.contains { $0.contains("NC-2026-0001") } && !whole.contains { $0.contains("--all") })
        #expect(try screen(TerminalForm()).contains { $0.contains("→ emsctl nc ack NC-2026-0001") })
    }

    @Test("says without colour what it says with it, and everything in ASCII where there is nothing else")
    func plain() throws {
        let plain = try screen(TerminalForm(width: 80, height: 24))
        let coloured = try screen(TerminalForm(width: 80, height: 24, hasColor: true)).joined(separator: "\n")
        #expect(coloured.contains("\u{1B}[1;31m"))
        let stripped = coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "")
        #expect(stripped == plain.joined(separator: "\n"))
        let ascii = try screen(TerminalForm(width: 80, height: 24, isASCII: true)).joined()
        #expect(ascii.utf8.allSatisfy { $0 < 0x80 && $0 >= 0x20 }, "\(ascii)")
    }

    @Test("its JSON has what is wrong with the next command")
    func json() throws {
        let plant = try RecordedPlant()
        let text = try plant.answer(ListingQuery(.status))
        let document = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let findings = try #require(document["findings"] as? [[String: Any]])
        #expect(findings.map { $0["kind"] as? String } == ["point", "nonconformity"])
        #expect(findings.allSatisfy { ($0["next"] as? String)?.hasPrefix("emsctl ") == true })
    }
}

@Suite("A table on a screen")
struct TableFitTests {
    private func table(_ width: Int?, _ listing: ListingQuery.Listing) throws -> [String] {
        let plant = try RecordedPlant()
        var query = ListingQuery(listing, since: "2026-01-01", format: .table)
        query.terminal = TerminalForm(width: width, height: nil)
        return try plant.answer(query).split(separator: "\n").map(String.init)
    }

    @Test(
        "fits its width: columns give way by importance, and units and limits never",
        arguments: [80, 60], [ListingQuery.Listing.nonconformities, .objectives, .points, .meters])
    func fits(_ width: Int, _ listing: ListingQuery.Listing) throws {
        let lines = try table(width, listing)
        #expect(lines.allSatisfy { ShownText($0).width <= max(width, 72) }, "\(lines)")
        let head = lines.first?.split(separator: " ").map(String.init) ?? []
        let kept = [
            ListingQuery.Listing.nonconformities: ["peak", "limit", "unit"], .objectives: ["value", "limit", "unit"],
        ]
        #expect(Set(kept[listing] ?? ["quality"]).isSubset(of: head), "\(head)")
    }

    @Test("says what it left out, and a pipe gets everything")
    func leftOut() throws {
        let narrow = try table(80, .nonconformities)
        #expect(narrow.last?.hasPrefix("left out: ") == true && narrow.last?.hasSuffix("--wide shows all") == true)
        let whole = try table(nil, .nonconformities)
        #expect(whole.count == narrow.count - 1 && whole[0].contains("seconds_until_cleared"))
    }

    @Test(
        "names are shortened in their middle, to columns of the screen and not letters",
        arguments: [
            ("power_of_the_long_hall", 10, "power…hall"), ("short", 10, "short"), ("测量仪表的名字", 9, "测量…名字"),
            ("e\u{301}e\u{301}e\u{301}e\u{301}", 4, "e\u{301}e\u{301}e\u{301}e\u{301}"),
        ])
    func shortened(_ name: String, _ width: Int, _ shown: String) {
        #expect(ShownText(name).shortened(to: width).text == shown)
        #expect(ShownText(name).shortened(to: width).width <= width)
    }

    @Test("times of today have no date, but an offset on a day that has two")
    func times() throws {
        let calendar = try #require(SiteCalendar(identifier: "Europe/Stockholm"))
        func told(_ text: String) throws -> String {
            let time = try #require(Instant(text))
            return ListingText.time(time, calendar, today: calendar.date(time))
        }
        #expect(try told("2026-01-10T11:00:00Z") == "12:00:00")
        #expect(try told("2026-10-25T00:30:00Z") == "02:30:00+02:00")
        #expect(try told("2026-10-25T01:30:00Z") == "02:30:00+01:00")
        let day = try calendar.date(#require(Instant("2026-01-11T11:00:00Z")))
        let time = try #require(Instant("2026-01-10T11:00:00Z"))
        #expect(ListingText.time(time, calendar, today: day) == "2026-01-10T12:00:00+01:00")
    }
}
