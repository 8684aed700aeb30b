import Daemon
import Foundation
import Listings
import PlantAPI
import TestKit
import Testing

@Suite("What the record answers")
struct PlantRecordTests {
    let plant: RecordedPlant

    init() throws { plant = try RecordedPlant() }

    @Test("readings are as the counter rules believe them: since is included, until is not")
    func readings() throws {
        let query = ListingQuery(
            .readings, name: "stack.energy", since: "2026-01-10T00:30:00Z", until: "2026-01-10T01:30:00Z", format: .csv)
        #expect(
            try plant.answer(query) == """
                time,point,value,quality,reason
                2026-01-10T00:30:00Z,stack.energy,1030,uncertain,
                2026-01-10T00:45:00Z,stack.energy,1045,good,
                2026-01-10T01:00:00Z,stack.energy,,bad,implausible
                2026-01-10T01:15:00Z,stack.energy,1075,good,

                """)
    }

    @Test("derived points have readings, computed from what is stored")
    func derived() throws {
        let query = ListingQuery(.readings, name: "stack.twice", since: "2026-01-10T06:00:00Z", format: .csv)
        let lines = try plant.answer(query).split(separator: "\n")
        #expect(lines[1] == "2026-01-10T06:00:00Z,stack.twice,200,good,")
        #expect(lines[2].hasPrefix("2026-01-10T06:05:00Z,stack.twice,,bad,"))
    }

    @Test("the ledger says what was decided")
    func ledger() throws {
        #expect(
            try plant.answer(ListingQuery(.ledger, format: .csv)) == """
                point,time,entry,advance
                stack.energy,2026-01-10T01:00:00Z,glitch,30

                """)
    }

    @Test("points show the newest reading of each, derived ones too")
    func points() throws {
        let lines = try plant.answer(ListingQuery(.points, format: .csv)).split(separator: "\n")
        #expect(lines[0] == "point,kind,value,unit,quality,reason,time,detail")
        #expect(lines[1] == "stack.nox,gauge,,mg/m3,bad,missing,2026-01-10T06:05:00Z,")
        #expect(lines[2] == "stack.energy,counter,1360,kWh,good,,2026-01-10T06:00:00Z,")
        #expect(lines[3].hasPrefix("stack.twice,gauge,,mg/m3,bad,"))
    }

    @Test("indicators are the windows inside the stretch")
    func indicators() throws {
        let query = ListingQuery(
            .indicators, name: "nox_hour", since: "2026-01-10T01:00:00Z", until: "2026-01-10T03:00:00Z", format: .csv)
        #expect(
            try plant.answer(query) == """
                indicator,start,end,value,unit,status,coverage,flags,revision
                nox_hour,2026-01-10T01:00:00Z,2026-01-10T02:00:00Z,100,mg/m3,valid,1,,1
                nox_hour,2026-01-10T02:00:00Z,2026-01-10T03:00:00Z,250,mg/m3,valid,1,,1

                """)
    }

    @Test("objectives and nonconformities tell the same episode")
    func conformity() throws {
        let verdicts = try plant.answer(ListingQuery(.objectives, format: .csv)).split(separator: "\n")
        #expect(
            verdicts.dropFirst().map { $0.split(separator: ",")[3] } == [
                "met", "met", "not_met", "not_met", "met", "met",
            ])
        #expect(verdicts[3] == "nox_limit,2026-01-10T02:00:00Z,2026-01-10T03:00:00Z,not_met,250,200,mg/m3")
        #expect(
            try plant.answer(ListingQuery(.nonconformities, format: .csv)) == """
                id,objective,severity,state,condition,raised_at,onset,cleared_at,peak,limit,unit,recurrence_of,remark,\
                seconds_not_met,seconds_until_cleared,kind,linked
                NC-2026-0001,nox_limit,major,open,cleared,2026-01-10T03:00:00Z,2026-01-10T02:00:00Z,2026-01-10T05:00:00Z,250,\
                200,mg/m3,,,7200,10800,breach,

                """)
    }

    @Test("one nonconformity is told in plain words, with what to do next")
    func story() throws {
        let story = try plant.answer(ListingQuery(.nonconformities, name: "NC-2026-0001", format: .table))
        for words in [
            "NOx below the limit", "max 200", "Permit 1", "250 mg/m3 at its worst", "2026-01-10T03:00:00+01:00",
            "stack.nox: ", "emsctl nc ack NC-2026-0001",
        ] {
            #expect(story.contains(words), "\(words) is missing in: \(story)")
        }
    }

    @Test(
        "every listing is one JSON document with the CSV's columns as keys, and with what made it",
        arguments: [
            ListingQuery.Listing.meters, .points, .readings, .indicators, .objectives, .nonconformities, .ledger,
            .alerts,
        ])
    func documents(subject: ListingQuery.Listing) throws {
        let name = subject == .readings ? "stack.nox" : nil
        let header = try #require(
            plant.answer(ListingQuery(subject, name: name, format: .csv)).split(separator: "\n").first)
        let document = try JSONSerialization.jsonObject(
            with: Data(plant.answer(ListingQuery(subject, name: name)).utf8))
        let objects = try #require(document as? [[String: Any]])
        #expect(!objects.isEmpty)
        // JSON also says which configuration made it, why there is no verdict, whether a failed check puts it in doubt, and when something was withdrawn.
        let more: Set<String> =
            switch subject {
            case .objectives: ["reason", "flags", "configuration"]
            case .indicators, .ledger: ["configuration"]
            case .nonconformities: ["withdrawn_at"]
            default: []
            }
        let columns = Set(header.split(separator: ",").map(String.init))
        for object in objects { #expect(Set(object.keys) == columns.union(more)) }
    }

    @Test(
        "a name that does not exist is refused with the nearest one",
        arguments: [
            (ListingQuery(.readings, name: "stack.nix"), "there is no point 'stack.nix' (did you mean 'stack.nox'?)"),
            (ListingQuery(.indicators, name: "nox_our"), "there is no indicator 'nox_our' (did you mean 'nox_hour'?)"),
            (
                ListingQuery(.objectives, name: "noxlimit"),
                "there is no objective 'noxlimit' (did you mean 'nox_limit'?)"
            ),
            (
                ListingQuery(.ledger, name: "stack.energi"),
                "there is no point 'stack.energi' (did you mean 'stack.energy'?)"
            ),
            (
                ListingQuery(.nonconformities, name: "NC-2026-0002"),
                "there is no nonconformity 'NC-2026-0002' (did you mean 'NC-2026-0001'?)"
            ),
        ])
    func unknownNames(query: ListingQuery, message: String) {
        #expect(throws: CommandError(.badInput, message, matter: .absent)) { try plant.answer(query) }
    }

    @Test("the status is not in order while a point is bad")
    func status() throws {
        let record = try PlantRecord(directory: plant.directory)
        var text = ""
        #expect(try record.answer(ListingQuery(.status)) { text += String(decoding: $0, as: UTF8.self) } == .notInOrder)
        #expect(text.contains("\"in_order\":false"))
        #expect(text.contains("\"bad_points\":[{\"point\":\"stack.nox\",\"reason\":\"missing\"}]"))
    }

    @Test("alert files stand beside the database where that was asked for, the grave ones apart")
    func alertFiles() throws {
        let all = try String(contentsOfFile: plant.directory + "/alerts.jsonl", encoding: .utf8)
        #expect(all.split(separator: "\n").count == 3)
        let grave = try String(contentsOfFile: plant.directory + "/alerts.log", encoding: .utf8)
        #expect(
            grave.split(separator: "\n").map { $0.prefix(45) } == [
                "2026-01-10T04:00:00+01:00 major NC-2026-0001 ", "2026-01-10T06:00:00+01:00 major NC-2026-0001 ",
            ])
    }

    @Test("a second replay of the same changes neither the database nor the alert files")
    func replayTwice() throws {
        let subjects: [ListingQuery.Listing] = [.indicators, .objectives, .nonconformities, .ledger, .alerts]
        let before = try subjects.map { try plant.answer(ListingQuery($0)) }
        let alerts = try String(contentsOfFile: plant.directory + "/alerts.jsonl", encoding: .utf8)
        let again = ReplayRun(
            configuration: plant.folder.file("emsd.yaml"), readings: [plant.folder.file("readings.csv")],
            database: plant.directory, alertsHere: true)
        #expect(try again.run { _ in }.nonconformities == 0)
        #expect(try subjects.map { try plant.answer(ListingQuery($0)) } == before)
        #expect(try String(contentsOfFile: plant.directory + "/alerts.jsonl", encoding: .utf8) == alerts)
    }

    @Test("a directory without a database is refused and nothing is made there")
    func noDatabase() throws {
        let folder = try TemporaryFolder()
        #expect(throws: (any Error).self) { try PlantRecord(directory: folder.file("none")) }
        #expect(throws: (any Error).self) { try PlantRecord(directory: folder.path) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
}
