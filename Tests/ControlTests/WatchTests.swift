import Foundation
import Metering
import PlantAPI
import Platform
import Testing

@testable import emsctl

@Suite("The full-screen view")
struct WatchTests {
    private static func data() throws -> WatchData {
        var data = WatchData()
        let status = """
            {"site":"Borås works","timezone":"Europe/Stockholm","time":"2026-11-27T13:00:00Z","in_order":false,
             "headline":"Borås works: NOT in order: 2 nonconformities ongoing",
             "problems":["2 nonconformities ongoing"],"newest_reading":"2026-11-27T13:00:00Z",
             "findings":[{"kind":"nonconformity","what":"NC-2026-0001 major nox_permit, NOx below the permit limit","in_short":"NC-2026-0001 nox_permit",
                          "since":"2026-11-27T12:00:00Z","amount":"231 against 200 mg/m3 (+15.7 %)","next":"emsctl nc ack NC-2026-0001"},
                         {"kind":"link","what":"link hall is down","in_short":"link hall is down","next":"emsctl scan hall"}],
             "points":{"good":3,"uncertain":0,"bad":1,"silent":0},"links":[],"nonconformities":[]}
            """
        data.status = try JSONDecoder().decode(StatusDocument.self, from: Data(status.utf8))
        var row = OverviewDocument.Row(name: "nox_half_hour", title: nil, unit: "mg/m3", recent: [1, nil, 3])
        (row.value, row.limit, row.verdict) = (231, 200, "not_met")
        data.overview = [row]
        let points = (1...60).map { number in
            #"{"point":"feeder_\#(number).power_of_a_long_name","value":\#(number).5,"unit":"kW","quality":"good"}"#
        }
        data.take(
            try JSONDecoder().decode([WatchData.Point].self, from: Data("[\(points.joined(separator: ","))]".utf8)))
        data.answered = answered
        return data
    }

    private static let answered = WatchTime(moment: .now, time: Instant(milliseconds: 1_000_000))

    private static func view(
        _ width: Int, _ height: Int, _ state: WatchState = WatchState(), after seconds: Double = 0,
        isASCII: Bool = false
    ) throws -> WatchView {
        WatchView(
            data: try data(), state: state,
            form: TerminalForm(width: width, height: height, isASCII: isASCII),
            now: WatchTime(
                moment: answered.moment + .milliseconds(Int64(seconds * 1000)),
                time: answered.time + Int64(seconds * 1000)))
    }

    @Test(
        "fills every screen exactly and leaves none, whichever list is open",
        arguments: [(80, 24), (120, 40), (200, 60), (40, 10), (39, 9), (20, 3)], WatchState.Panel.allCases)
    func sizes(_ size: (Int, Int), _ panel: WatchState.Panel) throws {
        var state = WatchState()
        state.panel = panel
        for isASCII in [false, true] {
            let lines = try Self.view(size.0, size.1, state, isASCII: isASCII).lines
            #expect(lines.count == size.1)
            #expect(lines.allSatisfy { ShownText($0).width <= size.0 }, "\(lines)")
            if isASCII { #expect(lines.joined().utf8.allSatisfy { $0 < 0x80 }) }
        }
    }

    @Test("says first whether all is well, and names what is wrong")
    func first() throws {
        let lines = try Self.view(120, 40).lines
        #expect(lines[0] == "Borås works: NOT in order: 2 nonconformities ongoing")
        #expect(lines.contains { $0.contains("NC-2026-0001") && $0.contains("231 against 200") })
        #expect(lines.contains { $0.contains("nox_half_hour") && $0.contains("31 over") && $0.contains("not met") })
    }

    @Test("says that its data are old after two seconds, and not before")
    func stale() throws {
        #expect(try !Self.view(80, 24, after: 1.9).lines.contains { $0.contains("no answer") })
        #expect(try Self.view(80, 24, after: 2.1).lines[1].hasPrefix("no answer from emsd since"))
    }

    @Test("keys move, filter, acknowledge with a text, pause and quit")
    func keys() throws {
        var state = WatchState()
        let names = ["NC-2026-0001", "link hall is down"]
        #expect(state.take(.down, names: names) == nil && state.selected[.findings] == 1)
        #expect(state.take(.character("a"), names: names) == nil && state.notice != nil)
        #expect(state.take(.up, names: names) == nil)
        #expect(state.take(.character("a"), names: names) == nil)
        #expect(state.mode == .acknowledge(id: "NC-2026-0001"))
        for key in WatchKey.keysOf("valve stück") { _ = state.take(key, names: names) }
        #expect(state.take(.enter, names: names) == .acknowledge(id: "NC-2026-0001", text: "valve stück"))
        _ = state.take(.character("/"), names: names)
        for key in WatchKey.keysOf("feeder_59") { _ = state.take(key, names: names) }
        _ = state.take(.enter, names: names)
        state.panel = .points
        #expect(try Self.view(80, 24, state).names(of: .points) == ["feeder_59.power_of_a_long_name"])
        #expect(state.take(.enter, names: ["a"]) == .open(.points, name: "a"))
        _ = state.take(.space, names: [])
        #expect(state.isPaused)
        #expect(try Self.view(80, 24, state).lines[1].hasPrefix("paused"))
        #expect(state.take(.character("q"), names: []) == .quit)
    }

    @Test("an escape alone is the key, and arrows are not taken for it")
    func escapes() {
        var rest: [UInt8] = []
        #expect(
            WatchKey.keys(in: Array("\u{1B}[A\u{1B}OBx\u{1B}[5~".utf8), rest: &rest) == [
                .up, .down, .character("x"), .pageUp,
            ])
        #expect(WatchKey.keys(in: [0x1B], rest: &rest) == [.back])
        let letter = Array("å".utf8)
        #expect(WatchKey.keys(in: [letter[0]], rest: &rest) == [])
        #expect(WatchKey.keys(in: [letter[1]], rest: &rest) == [.character("å")])
        for byte in UInt8.min...UInt8.max { _ = WatchKey.keys(in: [byte, 0x1B, byte, 0x5B], rest: &rest) }
    }

    @Test("only lines that changed are drawn, and nothing where none did")
    func changes() {
        var painter = ScreenPainter()
        #expect(painter.paint(["a", "b"]).contains("\u{1B}[2J"))
        #expect(painter.paint(["a", "b"]).isEmpty)
        let second = painter.paint(["a", "c"])
        #expect(second.contains("\u{1B}[2;1Hc") && !second.contains("\u{1B}[1;1H"))
    }
}

extension WatchKey {
    fileprivate static func keysOf(_ text: String) -> [WatchKey] {
        var rest: [UInt8] = []
        return keys(in: Array(text.utf8), rest: &rest)
    }
}
