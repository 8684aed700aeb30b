import Foundation
import Testing

/// Copies of the record, and what is done with one that is damaged.
@Suite("backup, restore and salvage", .serialized)
struct BackupTests {
    private static func plant(_ port: Int) -> String {
        """
        links:
          hall: {transport: tcp, host: 127.0.0.1, port: \(port), timeout: 1s}
        meters:
          incomer:
            link: hall
            unit: 1
            interval: 50ms
            points:
              power: {register: input 0, type: float32, unit: kW, kind: gauge}
              energy: {register: input 2, type: uint32, scale: 0.001, unit: kWh, kind: counter, max_rate: 2000000}
        indicators:
          power_second: {window: 1s, formula: mean(incomer.power), unit: kW, grace: 1s}
        objectives:
          power_limit: {indicator: power_second, max: 200, severity: minor}

        """
    }

    private static let scenario = """
        seed: 5
        signals:
          incomer.power: {steps: {0s: 250, 3s: 150}, repeat: 5s, noise: 5}
          incomer.energy: {ramp: 500000, per: 1h, start: 1000}

        """

    /// A daemon that has polled and raised something.
    private func works() throws -> (LiveWorks, RunningProgram) {
        let works = try LiveWorks(Self.plant(try FreePort.some(1)[0]))
        let emsim = try works.simulate(Self.scenario)
        try works.start()
        try eventually("a nonconformity and some windows") {
            try works.view.rows("nc", "list").count >= 1 && works.view.rows("indicators").count >= 4
        }
        return (works, emsim)
    }

    @Test("a backup under load is one state; a daemon goes on from it when it is copied back")
    func restored() throws {
        let (works, emsim) = try works()
        for number in 0..<3 {
            let end = try works.view.run(["backup", works.place.file("copy\(number)")])
            #expect(end.code == 0, "\(end.errors)")
        }
        for (path, mode) in [("copy0", 0o700), ("copy0/emsd.db", 0o600)] {
            let found = try FileManager.default.attributesOfItem(atPath: works.place.file(path))[.posixPermissions]
            #expect(found as? Int == mode, "\(path)")
        }
        #expect(try works.view.run(["backup", works.place.file("copy0")]).code == 73)
        let seen = try works.view.text("readings", "incomer.power")
        #expect(try works.stop().code == 0)
        let copies = try (0..<3).map { try PlantView.database(works.place.file("copy\($0)")).everything() }
        let final = try works.record.everything()
        for copy in copies {
            // Each is a beginning of what came to be.
            let readings = copy["readings incomer.power"] ?? "?"
            #expect(seen.hasPrefix(readings) && readings.split(separator: "\n").count > 20)
            #expect(final["alerts"]?.hasPrefix(copy["alerts"] ?? "?") == true)
        }
        // The state is lost; the last copy takes its place.
        let state = works.place.file("state")
        try FileManager.default.removeItem(atPath: state)
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: works.place.file("copy2/emsd.db"), toPath: state + "/emsd.db")
        try works.start()
        let kept = copies[2]["readings incomer.power"] ?? "?"
        try eventually("new readings after the restored ones") {
            let text = try works.view.text("readings", "incomer.power")
            return text.hasPrefix(kept) && text.utf8.count > kept.utf8.count + 500
        }
        #expect(try works.stop().code == 0)
        emsim.terminate()
    }

    @Test(
        "a backup is read on a medium that cannot be written",
        .enabled(if: SmallDisk.refusal == nil, "no small file system can be made: \(SmallDisk.refusal ?? "")"))
    func readOnlyMedium() throws {
        let (works, emsim) = try works()
        let disk = try SmallDisk(works.place.file("medium"), megabytes: 16)
        #expect(try works.view.run(["backup", disk.path + "/daily"]).code == 0)
        #expect(try works.stop().code == 0)
        emsim.terminate()
        let writable = try PlantView.database(disk.path + "/daily").everything()
        try disk.makeReadOnly()
        #expect(!FileManager.default.createFile(atPath: disk.path + "/daily/x", contents: nil))
        #expect(try PlantView.database(disk.path + "/daily").everything() == writable)
        #expect(writable["readings incomer.power"]?.isEmpty == false && writable["nc list"]?.contains("NC-") == true)
    }

    @Test("a daemon whose state directory is removed says so, and puts everything back")
    func removedWhileRunning() throws {
        let (works, emsim) = try works()
        let before = try works.view.text("readings", "incomer.power")
        try FileManager.default.removeItem(atPath: works.place.file("state"))
        try eventually("the alert and the database in its place") {
            works.alerts.events.contains("database_lost")
                && FileManager.default.fileExists(atPath: works.place.file("state/emsd.db"))
        }
        try eventually("new readings after the old ones") {
            // It begins anew on the files that it puts back, and does not answer meanwhile.
            let end = try works.view.run(["readings", "incomer.power", "--format", "csv"])
            return end.code == 0 && end.output.hasPrefix(before) && end.output.utf8.count > before.utf8.count + 500
        }
        let status = try works.view.run(["status"])
        #expect(status.code == 1)
        #expect(status.output.contains("was removed or replaced while emsd ran"), "\(status.output)")
        #expect(try works.stop().code == 0)
        emsim.terminate()
        #expect(works.alerts.isGapless)
        #expect(try works.record.text("readings", "incomer.power").hasPrefix(before))
        #expect(try works.record.text("alerts").contains("database_lost"))
    }

    @Test("a daemon whose database is damaged sets it aside, says so, and goes on with what can be read of it")
    func damaged() throws {
        let (works, emsim) = try works()
        #expect(try works.stop().code == 0)
        let before = try works.record.everything()
        let path = works.place.file("state/emsd.db")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        // The first page says where everything is; without it SQLite finds nothing.
        bytes.replaceSubrange(0..<1024, with: Data(repeating: 0xFF, count: 1024))
        try bytes.write(to: URL(fileURLWithPath: path))

        let salvaged = try RunningProgram(
            "emsctl", ["salvage", works.place.file("state"), "--output", works.place.file("rescued")]
        ).end()
        #expect(salvaged.code == 1, "\(salvaged.errors)")
        #expect(salvaged.output.contains("0 lost in 0 chunks") && salvaged.output.contains("none is missing"))
        let rescued = try PlantView.database(works.place.file("rescued")).everything()
        for (name, text) in before { #expect(rescued[name] == text, "\(name)") }

        try works.start()
        try eventually("the alert that all is there again") {
            works.alerts.events.contains("database_salvaged")
        }
        let event = try #require(works.alerts.lines.first { $0?["event"] as? String == "database_set_aside" } ?? nil)
        #expect(event["severity"] as? String == "major")
        #expect(event["path"] as? String == path + ".damaged-1")
        #expect(event["journal_line"] as? Int ?? 0 > 2)
        let kept = before["readings incomer.power"] ?? "?"
        #expect(try works.view.text("readings", "incomer.power").hasPrefix(kept))
        #expect(try works.view.text("nc", "list").contains("NC-"))
        #expect(try works.stop().code == 0)
        emsim.terminate()
        #expect(works.alerts.isGapless)
        #expect(try works.record.text("alerts").hasPrefix(before["alerts"] ?? "?"))
    }
}
