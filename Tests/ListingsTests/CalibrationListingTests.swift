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
