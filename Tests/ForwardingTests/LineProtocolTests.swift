import Metering
import Testing

@testable import Forwarding
@testable import RecordStream
@testable import Storage

@Suite("line protocol")
struct LineProtocolTests {
    private func text(_ batch: ForwardBatch, site: String = "works", replaces: Bool = false) -> String {
        String(decoding: LineProtocol(site: site, replaces: replaces).text(batch), as: UTF8.self)
    }

    private func reading(_ point: String, _ value: Double, _ quality: Quality = .good, unit: String? = "kW")
        -> ForwardBatch
    {
        .readings([
            NamedReading(
                point: point, unit: unit,
                reading: NumberedReading(
                    point: 1, time: Instant(milliseconds: 1_795_750_371_000), value: value, quality: quality,
                    reason: quality == .bad ? .timeout : .none))
        ])
    }

    @Test("a reading is one point with all its fields, quality and reason in numbers")
    func oneReading() {
        #expect(
            text(reading("incomer.power", 82.267))
                == "emsd_reading,site=works,meter=incomer,point=power,unit=kW value=82.267,quality=192i,reason=0i "
                + "1795750371000000000\n")
        #expect(
            text(reading("incomer.power", .nan, .bad))
                == "emsd_reading,site=works,meter=incomer,point=power,unit=kW quality=0i,reason=1i 1795750371000000000\n"
        )
    }

    @Test(
        "what would end a tag is escaped, and no text breaks a line",
        arguments: [
            ("Borås, works = 1", "Borås\\,\\ works\\ \\=\\ 1"), ("a\nb", "a\\ b"), ("end\\", "end/"), ("m³/h", "m³/h"),
        ])
    func tags(site: String, written: String) {
        #expect(
            text(reading("m.p", 1, unit: nil), site: site).hasPrefix(
                "emsd_reading,site=\(written),meter=m,point=p value="))
        #expect(text(reading("m.p", 1, unit: site)).split(separator: "\n").count == 1)
    }

    @Test(
        "a revision is a series of its own where the store cannot replace", arguments: [(false, true), (true, false)])
    func revisions(replaces: Bool, isApart: Bool) {
        let window = RecordedWindow(
            indicator: "nox", unit: "mg/m3",
            window: Window(start: Instant(milliseconds: 1_800_000), end: Instant(milliseconds: 3_600_000)),
            value: 153.2,
            status: 0, coverage: 0.994, flags: 4, revision: 2)
        let line = text(.windows([window]), replaces: replaces)
        #expect(line.hasPrefix("emsd_window_revised,") == isApart)
        #expect(line.contains(",revision=2 ") == isApart)
        #expect(line.contains(",length=30m,"))
        #expect(line.contains("end=3600000i"))
    }

    @Test("a wait after failures grows to five minutes, asks the server first, and spreads")
    func waits() {
        var wait = ForwardWait()
        let longest = (0..<12).map { _ in wait.next(after: .later("no"), share: 1) }
        #expect(longest.first == 1000 && longest.last == 300_000 && longest == longest.sorted())
        wait.succeeded()
        #expect(wait.next(after: .later("no", after: 60_000), share: 0) == 60_000)
        wait.succeeded()
        let spread = Set(
            (0..<20).map { _ in
                var fresh = ForwardWait()
                for _ in 0..<7 { _ = fresh.next(after: .later("no")) }
                return fresh.next(after: .later("no")) / 1000
            })
        #expect(spread.count > 10)
    }

    @Test("readings that went out before they were stored are not sent again, corrections are")
    func live() {
        var live = LiveReadings()
        func numbered(_ time: Int64, _ value: Double) -> NumberedReading {
            NumberedReading(
                point: 1, time: Instant(milliseconds: time), value: value, quality: .good, reason: .none)
        }
        live.take((1...5).map { numbered($0, Double($0)) })
        let next = live.next(3)
        #expect(next.map(\.time.milliseconds) == [3, 4, 5])
        live.noteSent(next)
        let stored = (1...5).map { numbered($0, Double($0)) } + [numbered(4, 44)]
        #expect(live.unsent(stored).map(\.value) == [1, 2, 44])
        #expect(live.unsent(stored).count == 6)
    }
}
