import Foundation
import TestKit
import Testing

@Suite(
    "A disk that is full", .serialized,
    .enabled(if: SmallDisk.refusal == nil, "no small file system can be made: \(SmallDisk.refusal ?? "")"))
struct FullDiskTests {
    private static func plant(_ port: Int) -> String {
        """
        links:
          hall: {transport: tcp, host: 127.0.0.1, port: \(port), timeout: 1s}
        meters:
          incomer:
            link: hall
            unit: 1
            interval: 100ms
            points:
              power: {register: input 0, type: float32, unit: kW, kind: gauge}
              energy: {register: input 2, type: uint32, scale: 0.001, unit: kWh, kind: counter, max_rate: 2000000}
        indicators:
          power_minute: {window: 1m, formula: mean(incomer.power), unit: kW, grace: 1s}

        """
    }

    private static let scenario = """
        seed: 3
        signals:
          incomer.power: {constant: 250, noise: 5}
          incomer.energy: {ramp: 500000, per: 1h, start: 1000}

        """

    @Test("stops no polling: readings wait in memory, and are written when there is room again")
    func fullAndBack() throws {
        let works = try LiveWorks(Self.plant(try FreePort.some(1)[0]))
        let disk = try SmallDisk(works.place.file("state"), megabytes: 16)
        let emsim = try works.simulate(Self.scenario)
        try works.start()
        try eventually("readings") {
            try works.newest()["incomer.power"]?["time"]?.isEmpty == false
        }
        let filler = disk.fill()
        try eventually("the daemon saying that it cannot record") {
            let faults = try works.view.document("status")["faults"] as? [String] ?? []
            return faults.contains { $0.hasPrefix("nothing can be recorded now") && $0.contains("full") }
        }
        let stuck = try #require(works.newest()["incomer.power"]?["time"])
        try eventually("a hundred readings that wait") {
            let faults = try works.view.document("status")["faults"] as? [String] ?? []
            return faults.contains { fault in
                let words = fault.split(separator: " ")
                return words.firstIndex(of: "readings").flatMap { Int(words[$0 - 1]) } ?? 0 >= 100
            }
        }
        try FileManager.default.removeItem(atPath: filler)
        try eventually("recording going on") {
            let newest = try works.newest()["incomer.power"]?["time"] ?? ""
            let faults = try works.view.document("status")["faults"] as? [String] ?? ["?"]
            return newest > stuck && faults.isEmpty
        }
        // What could not be told while nothing could be written is told now.
        try eventually("the alerts about the disk") {
            let events = works.alerts.events
            return events.contains("disk_low") && events.contains("disk_ok")
        }
        let end = try works.stop()
        #expect(end.code == 0, "\(end.errors)")
        emsim.terminate()
        // It is not said before it is so.
        let resumed = end.errors.split(separator: "\n").filter {
            $0.contains("recording goes on") && $0.contains("notice")
        }
        #expect((1...2).contains(resumed.count), "\(end.errors)")

        // Nothing is missing of the time in which nothing could be written.
        let times = try works.record.rows("readings", "incomer.power").compactMap { $0["time"] }
            .compactMap(LiveKillTests.milliseconds)
        let waited = times.filter { $0 > LiveKillTests.milliseconds(stuck) ?? .max }
        #expect(waited.count >= 50)
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 > $0 })
        let longest = zip(times, times.dropFirst()).map { $1 - $0 }.max() ?? 0
        #expect(longest < 15_000, "a poll every 100 ms, and a gap of \(longest) ms")
        let events = works.alerts.events
        #expect(events.filter { $0.hasPrefix("disk") } == ["disk_low", "disk_ok"] && events.last == "stopped")
    }

    @Test("stopped in order while it is full, the daemon has kept what it read when there is room again")
    func stoppedWhileFull() throws {
        let works = try LiveWorks(Self.plant(try FreePort.some(1)[0]))
        let disk = try SmallDisk(works.place.file("state"), megabytes: 16)
        let emsim = try works.simulate(Self.scenario)
        try works.start()
        try eventually("readings") {
            try works.newest()["incomer.power"]?["time"]?.isEmpty == false
        }
        let filler = disk.fill()
        func faults() throws -> [String] { try works.view.document("status")["faults"] as? [String] ?? [] }
        try eventually("the daemon saying that it cannot record") {
            try faults().contains { $0.hasPrefix("nothing can be recorded now") }
        }
        try eventually("some readings that wait") {
            try faults().contains { fault in
                let words = fault.split(separator: " ")
                return words.firstIndex(of: "readings").flatMap { Int(words[$0 - 1]) } ?? 0 >= 50
            }
        }
        _ = try works.stop()
        emsim.terminate()
        try FileManager.default.removeItem(atPath: filler)
        // Offline at once, and after the next start.
        func times() throws -> [Int] {
            try works.record.rows("readings", "incomer.power").compactMap { $0["time"] }
                .compactMap(LiveKillTests.milliseconds)
        }
        let offline = try times()
        try works.start()
        #expect(try works.stop().code == 0)
        let stored = try times()
        #expect(Set(stored).isSuperset(of: offline) && Set(stored).count == stored.count)
        let longest = zip(offline, offline.dropFirst()).map { $1 - $0 }.max() ?? .max
        #expect(offline.count >= 25 && longest < 15_000, "a poll every 100 ms, and a gap of \(longest) ms")
        #expect(works.alerts.isGapless)
    }

    @Test("costs the oldest readings first, after an alert, and nothing of what was made of them")
    func thinned() throws {
        let works = try LiveWorks(Self.plant(try FreePort.some(1)[0]))
        let disk = try SmallDisk(works.place.file("state"), megabytes: 24)
        // A month until yesterday, in noise that no compression makes small.
        let start = (Date.now.timeIntervalSince1970 - 30 * 86_400).rounded()
        func time(_ step: Int) -> String { Date(timeIntervalSince1970: start + Double(step) * 10).formatted(.iso8601) }
        var numbers = SeededNumbers(seed: 5)
        var lines = ["time,point,value"]
        for step in 0..<250_000 {
            let value = Double(numbers.next() % 1_000_000_007) / 7
            lines.append("\(time(step)),incomer.power,\(value)")
        }
        let old = try works.place.write("old.csv", lines.joined(separator: "\n") + "\n")
        let replay = try RunningProgram(
            "emsd",
            ["replay", "--config", works.configuration, "--readings", old, "--database", disk.path, "--alerts-here"]
        ).end(within: 300)
        try #require(replay.code == 0, "\(replay.errors)")
        let firstDay = ["indicators", "power_minute", "--since", time(0), "--until", time(17_280)]
        let values = try works.record.run(firstDay + ["--format", "csv"]).output
        let emsim = try works.simulate(Self.scenario)
        try works.start()
        let filler = disk.fill(leaving: 512 << 10)
        // 5 % of it are to stay free.
        try eventually("room made of old readings") { disk.free > 1_200_000 }
        let end = try works.stop()
        #expect(end.code == 0, "\(end.errors)")
        emsim.terminate()
        try FileManager.default.removeItem(atPath: filler)
        #expect(works.alerts.events.contains("disk_low"))
        let left = try works.record.rows("readings", "incomer.power", "--since", time(0), "--until", time(250_000))
            .compactMap { $0["time"] }
        // The oldest went, the younger ones stayed, and so did all that was made of the oldest.
        #expect(left.count < 240_000)
        #expect(left.last == time(249_999))
        #expect(values.count > 50_000)
        #expect(try works.record.run(firstDay + ["--format", "csv"]).output == values)
    }
}
