import ManagementSystem
import Metering
import PlantAPI
import PlantConfiguration
import Recording
import Storage
import TestKit
import Testing

@testable import Listings

@Suite("What a failed check puts in doubt is marked wherever values are shown")
struct CalibrationListingTests {
    /// The plant of the other listings, whose stack passed a check at 01:00 and failed one at 03:00.
    private func plant() throws -> RecordedPlant {
        let plant = try RecordedPlant()
        let loaded = try #require(PlantLoader.load(path: plant.folder.file("emsd.yaml")).plant)
        let store = try PlantStore(directory: plant.directory, access: .owner(create: false, sync: .normal))
        defer { try? store.close() }
        let recorder = Recorder(store: store, plant: loaded, isLive: false)
        try recorder.start()
        for (time, found) in [("2026-01-10T01:00:00Z", CalibrationRecord.Found.pass), ("2026-01-10T03:00:00Z", .fail)] {
            let date = try #require(Instant(time))
            let check = CalibrationRecord(
                meter: "stack", date: date, due: nil, certificate: nil, digest: nil, asFound: found, by: "anna",
                at: date)
            _ = try recorder.keep(check, now: date)
        }
        return plant
    }

    @Test("the status says in one line each which checks are overdue and due soon, with what to type")
    func dueChecks() throws {
        let now = try #require(Instant("2026-06-01T10:00:00Z"))
        let day: Int64 = 86_400_000
        func check(_ meter: String, _ age: Int64, _ due: Int64?) -> CalibrationRecord {
            CalibrationRecord(
                meter: meter, date: now - age * day, due: due.map { now + $0 * day }, certificate: nil, digest: nil,
                asFound: .pass, by: "anna", at: now)
        }
        var register = EnvironmentalRegister()
        for meter in ["a", "b", "c", "d", "e", "f"] {
            let usual = meter == "f" ? CalendarLength(1, .years) : nil
            register.instruments.append(.init(name: meter, title: nil, calibrated: usual))
        }
        let checks = [
            check("a", 300, -1), check("b", 300, 20), check("c", 300, 31), check("d", 3, 20), check("e", 900, nil),
        ]
        let due = register.dueChecks(checks, at: now)
        #expect(due.map(\.meter) == ["f", "a", "b"])
        #expect(due.map(\.isLate) == [true, true, false])

        let plant = try plant()
        var query = ListingQuery(.status, format: .table)
        query.terminal = TerminalForm(width: 100, height: 24)
        #expect(try !plant.answer(query).contains("calibration overdue"))
        let loaded = try #require(PlantLoader.load(path: plant.folder.file("emsd.yaml")).plant)
        let store = try PlantStore(directory: plant.directory, access: .owner(create: false, sync: .normal))
        let recorder = Recorder(store: store, plant: loaded, isLive: false)
        try recorder.start()
        let date = try #require(Instant("2026-01-10T05:00:00Z"))
        _ = try recorder.keep(
            CalibrationRecord(
                meter: "stack", date: date, due: date + day, certificate: nil, digest: nil, asFound: .pass, by: "anna",
                at: date), now: date)
        try store.close()
        let lines = try plant.answer(query).split(separator: "\n")
        let line = try #require(
            lines.firstIndex { $0.hasPrefix("~  calibration overdue: stack  stack since 2026-01-11") })
        #expect(lines[line + 1] == "   → emsctl calibration add stack --date today --as-found FOUND")
        query.format = .csv
        #expect(try plant.answer(query).contains("\ncalibration stack,overdue,stack since 2026-01-11\n"))
    }

    private func rows(_ text: String) -> [[String]] {
        text.split(separator: "\n").dropFirst().map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
    }

    @Test("values say suspect in their flags, verdicts too in a table and JSON, and CSV keeps its columns")
    func marked() throws {
        let plant = try plant()
        let values = rows(try plant.answer(ListingQuery(.indicators, name: "nox_hour", format: .csv)))
        #expect(values.map { $0[7] } == ["", "suspect", "suspect", "", "", ""])
        let verdicts = try plant.answer(ListingQuery(.objectives, name: "nox_limit", format: .csv))
        #expect(verdicts.hasPrefix("objective,start,end,verdict,value,limit,unit\n"))
        let json = try plant.answer(ListingQuery(.objectives, name: "nox_limit"))
        #expect(json.split(separator: "\"flags\":[\"suspect\"]").count == 3)
        var query = ListingQuery(.objectives, name: "nox_limit", format: .table)
        query.since = "2026-01-10T00:00:00Z"
        #expect(try plant.answer(query).split(separator: "suspect").count == 3)
    }

    @Test("they are listed with their values and verdicts, and the check with what it puts in doubt")
    func listed() throws {
        let plant = try plant()
        defer { withExtendedLifetime(plant) {} }
        let record = try PlantRecord(directory: plant.directory)
        func list(_ what: ManagementListing, _ name: String?) throws -> [[String]] {
            var text = ""
            try record.manage(what, name: name, format: .csv) { text += String(decoding: $0, as: UTF8.self) }
            return rows(text)
        }
        let suspect = try list(.suspect, "stack")
        #expect(
            suspect.map { "\($0[1]) \($0[2])" } == [
                "window nox_hour", "window nox_hour", "window energy_hour", "window energy_hour", "verdict nox_limit",
                "verdict nox_limit",
            ])
        #expect(suspect.last?.last == "not_met")
        #expect(try list(.calibrations, nil).map { $0[4] } == ["", "2026-01-10T01:00:00Z"])
        let error = #expect(throws: CommandError.self) { try list(.suspect, "stak") }
        #expect(error?.message.contains("did you mean 'stack'?") == true)
    }

    @Test("the story of the nonconformity says which meter failed, and where its windows are listed")
    func story() throws {
        let plant = try plant()
        let list = try plant.answer(ListingQuery(.nonconformities, format: .csv))
        let id = try #require(rows(list).first { $0[1] == "calibration/stack" }?.first)
        let story = try plant.answer(ListingQuery(.nonconformities, name: id, format: .table))
        #expect(story.contains("Readings of Boiler stack since its last good check  (data, major, open, cleared)"))
        #expect(story.contains("readings of stack that hold: it failed a check as it was found"))
        #expect(story.contains("emsctl calibration suspect stack"))
    }
}
