import Foundation
import Testing

/// Each kind of change comes into force over `emsctl reload` in one daemon at work, which is killed now and then.
@Suite("every kind of change, reloaded while meters are polled")
struct ReloadKindsTests {
    private struct Change: Sendable {
        let what: String
        /// What stands in the configuration, and what takes its place.
        let edits: [(old: String, new: String)]
        /// What the journal says of it: types of lines with the names in them.
        let said: [(type: String, name: String)]

        init(_ what: String, _ edits: [(String, String)], says said: [(String, String)]) {
            (self.what, self.edits, self.said) = (what, edits, said)
        }
    }

    private static func plant(_ port: Int) -> String {
        """
        links: {bus: {transport: tcp, host: 127.0.0.1, port: \(port), timeout: 1s}}
        meters:
          m:
            link: bus
            unit: 1
            interval: 500ms
            points:
              p: {register: input 0, type: float32, unit: kW, kind: gauge, max_gap: 5s}
              e: {register: input 2, type: uint32, unit: kWh, kind: counter, max_rate: 900000, max_gap: 5s}
              x: {register: input 4, type: uint16, kind: gauge, max_gap: 5s}
        indicators:
          load: {window: 1s, formula: mean(m.p), unit: kW}
          used: {window: 1s, formula: delta(m.e), unit: kWh}
          sums: {window: 2s, formula: sum(used), unit: kWh}
          day: {window: 1d, formula: mean(m.p), unit: kW}
        objectives:
          limit: {indicator: load, max: 50}
          spent: {indicator: used, budget: 100000000, per: 1d}

        """
    }

    private static let changes: [Change] = [
        Change(
            "an objective is added", [("objectives:\n", "objectives:\n  second: {indicator: load, max: 55}\n")],
            says: [("new", "second")]),
        Change(
            "an objective is renamed with was", [("  second: {", "  third: {was: second, ")],
            says: [("renamed", "third")]),
        Change(
            "an objective is renamed without was", [("  third: {was: second, ", "  fourth: {")],
            says: [("gone", "third"), ("new", "fourth")]),
        Change("a limit goes up within an episode", [("max: 50}", "max: 70}")], says: [("changed", "limit")]),
        Change("a limit goes down", [("max: 70}", "max: 40}")], says: [("changed", "limit")]),
        Change(
            "a unit changes",
            [
                ("delta(m.e), unit: kWh", "delta(m.e) / 1000, unit: MWh"),
                ("sum(used), unit: kWh", "sum(used), unit: MWh"), ("budget: 100000000", "budget: 100000"),
            ], says: [("changed", "used"), ("changed", "sums"), ("changed", "spent")]),
        Change("a window grows", [("load: {window: 1s", "load: {window: 2s")], says: [("changed", "load")]),
        Change("a window shrinks", [("load: {window: 2s", "load: {window: 1s")], says: [("changed", "load")]),
        Change("a day becomes a month", [("{window: 1d", "{window: 1mo")], says: [("changed", "day")]),
        Change(
            "a counter's rule and a demanded coverage change",
            [("max_rate: 900000", "max_rate: 800000"), ("unit: kW}\n  used", "unit: kW, min_coverage: 0.5}\n  used")],
            says: [("changed", "m.e"), ("changed", "load")]),
        Change(
            "a formula is dated back",
            [
                (
                    "formula: mean(m.p), unit: kW, min",
                    "formula: [mean(m.p), {from: 2026-01-01, formula: 2 * mean(m.p)}], unit: kW, min"
                )
            ],
            says: [("changed", "load")]),
        Change(
            "a point goes, a meter and a point are renamed",
            [
                ("      x: {register: input 4, type: uint16, kind: gauge, max_gap: 5s}\n", ""),
                ("  m:\n", "  w:\n    was: m\n"), ("      p: {", "      power: {was: p, "), ("m.p", "w.power"),
                ("m.e", "w.e"),
            ], says: [("gone", "m.x"), ("renamed", "w.power"), ("renamed", "w.e")]),
        Change(
            "a scale changes", [("type: float32", "type: float32, scale: 2")], says: [("changed", "w.power")]),
        Change("the zone changes", [("Europe/Stockholm", "Asia/Kathmandu")], says: [("changed", "timezone")]),
    ]

    @Test(
        "each is told by the journal and is in force at once; the record is what its configurations make of its readings"
    )
    func kinds() throws {
        let works = try LiveWorks(Self.plant(try FreePort.some(1)[0]))
        let first = works.place.read("emsd.yaml")
        let emsim = try works.simulate("signals: {m.p: 60, m.e: {counter: m.p, start: 1000, per: 1s}, m.x: 7}\n")
        try works.start()
        try windowAfterNow(works)
        var text = first
        for (number, change) in Self.changes.enumerated() {
            for (old, new) in change.edits {
                #expect(text.contains(old), "\(change.what): \(old)")
                text = text.replacingOccurrences(of: old, with: new)
            }
            let news = try reload(works, text, change.what)
            for (type, name) in change.said {
                #expect(
                    news.contains { $0["type"] == "definition.\(type)" && ($0["line"] ?? "").contains(name) },
                    "\(change.what): \(type) \(name) is not among \(news.compactMap { $0["line"] })")
            }
            if number % 4 == 2 {
                works.slay()
                try works.start()
            }
            try windowAfterNow(works)
        }
        // Back to the first: another meter and other points, for none of them says what it was.
        #expect(try !reload(works, first, "and all of it back").isEmpty)
        try windowAfterNow(works)
        #expect(try works.view.rows("nc", "list").contains { $0["objective"] == "limit" && $0["cleared_at"] != "" })
        #expect(try works.stop().code == 0)
        emsim.terminate()
        let check = try works.record.run(["audit", "verify"])
        #expect(check.code == 0, "\(check.output.prefix(4000))\(check.errors)")
        #expect(check.output.contains("recomputed: "))
    }

    /// Reloads a text, and returns the lines of the journal that came of it.
    private func reload(_ works: LiveWorks, _ text: String, _ reason: String) throws -> [PlantView.Row] {
        let last = try lines(works).compactMap { $0["seq"].flatMap(Int.init) }.max() ?? 0
        try works.place.write("emsd.yaml", text)
        let end = try works.view.run(["reload", "--reason", reason])
        #expect(end.code == 0, "\(reason): \(end.errors)")
        return try lines(works).filter { $0["seq"].flatMap(Int.init) ?? 0 > last }
    }

    private func lines(_ works: LiveWorks) throws -> [PlantView.Row] {
        try works.view.rows("journal", "--since", "2026-01-01")
    }

    /// Waits until a window has closed that began after the newest one of now.
    private func windowAfterNow(_ works: LiveWorks) throws {
        func newest() throws -> String {
            try works.view.rows("indicators", "load", "--since", "-1h").compactMap { $0["end"] }.max() ?? ""
        }
        let before = try newest()
        try eventually("another window") { try newest() > before }
    }
}
