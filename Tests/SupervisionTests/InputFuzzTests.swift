import Foundation
import Metering
import TestKit
import Testing

@testable import Supervision

@Suite("Input that nobody should send")
struct InputFuzzTests {
    @Test("bounds of time are understood or refused, whatever they say")
    func timeBounds() throws {
        let calendar = try #require(SiteCalendar(identifier: "Europe/Stockholm"))
        let now = try #require(Instant("2026-11-27T08:00:00Z"))
        let good = ["-24h", "-300000000y", "today", "yesterday", "now", "2026-11-01", "2026-11-01T06:00:00Z", "-1q"]
        for round in 0..<Rubbish.rounds * 10 {
            var rubbish = Rubbish(round: round)
            let text = rubbish.text(like: good)
            do {
                let instant = try TimeBound.instant(text, option: "--since", now: now, calendar: calendar)
                _ = calendar.text(instant)
            } catch let complaint as Complaint {
                #expect(complaint.status == .usage)
            }
        }
        let longest = try TimeBound.instant("-300000000y", option: "--since", now: now, calendar: calendar)
        #expect(longest == .distantPast)
    }

    @Test("questions are answered or refused over every bound of time")
    func inquiries() throws {
        let plant = try RecordedPlant()
        let record = try PlantRecord(directory: plant.directory)
        let bounds = [
            "-300000000y", "-999999999q", "0001-01-01T00:00:00Z", "0000-01-01", "9999-12-31T23:59:59.999Z", "now",
            "-1ms",
        ]
        for subject in Inquiry.Subject.allCases {
            for since in bounds {
                for until in bounds {
                    let format: ListingFormat = since.count % 2 == 0 ? .table : .csv
                    var inquiry = Inquiry(subject, since: since, until: until, provisional: true, format: format)
                    inquiry.name = subject == .readings ? "stack.energy" : nil
                    do {
                        _ = try record.answer(inquiry) { _ in }
                    } catch let complaint as Complaint {
                        #expect([.usage, .badInput].contains(complaint.status), "\(complaint)")
                    }
                }
            }
        }
    }

    @Test("queries of a request are understood or refused")
    func queries() {
        let good = ["since=-24h", "until=2026-11-01", "format=csv", "revisions=true", "point=m.p", "plan=1", "name=x"]
        for round in 0..<Rubbish.rounds {
            var rubbish = Rubbish(round: round)
            let query = (0..<rubbish.below(4)).map { _ in
                let parts = rubbish.text(like: good).split(separator: "=", maxSplits: 1).map(String.init)
                return (parts.first ?? "", parts.count > 1 ? parts[1] : "")
            }
            let subject = Inquiry.Subject.allCases.randomElement(using: &rubbish) ?? .status
            if let inquiry = try? Inquiry(subject, query: query) { #expect(inquiry.target.hasPrefix("/v1/")) }
            _ = MetricsFormat(
                accepting: rubbish.text(like: ["application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=1"]))
        }
    }

    @Test("rows of a recording are read or refused with their line")
    func rows() throws {
        let daemon = try DaemonOnSocket()
        let plant = daemon.plant.plant
        try daemon.plant.close()
        let folder = try TemporaryFolder()
        let good = [
            "time,point,value,quality\n2026-01-01T00:00:00Z,m.p,1.5,good\n2026-01-01T00:00:01Z,m.e,,bad\n",
            "point,value,time\r\n\"m.p\",-0,2026-01-01T00:00:00+01:00\r\n", "time,point,value,reason\n",
            "time,point,value\n2026-01-01T00:00:00.123Z,m.p,1e308\n2026-01-01T00:00:00Z,m.e,12345678901234567890\n",
        ]
        for round in 0..<Rubbish.rounds {
            var rubbish = Rubbish(round: round)
            let path = folder.file("\(round % 2 == 0 ? "a.csv" : "a.csv.gz")")
            try Data(rubbish.bytes(like: good)).write(to: URL(fileURLWithPath: path))
            for skips in [false, true] {
                do {
                    let file = try ReadingFile(path: path, names: PointNames(plant), skipsBadRows: skips) { _ in }
                    var readings: [Reading] = []
                    while try file.read(100, into: &readings) {}
                } catch {
                    #expect(error.description.contains(path))
                }
            }
        }
    }

    @Test("documents of steps, exchanges, scans and probes are taken or refused as bad input")
    func documents() async throws {
        let daemon = try DaemonOnSocket()
        let good = [
            #"{"text":"x","category":"equipment","action":1,"due":"2026-12-01","evidence":["a"],"noAction":true}"#,
            #"{"time":"2026-01-01T10:00:00Z","closing":1e3,"opening":-2,"reason":"x"}"#,
            #"{"from":1,"to":20}"#, #"{"unit":7,"register":"input 1000","count":10,"all":false}"#,
        ]
        try await daemon.run {
            for round in 0..<Rubbish.rounds / 3 {
                var rubbish = Rubbish(round: round)
                let body = String(decoding: rubbish.bytes(like: good), as: UTF8.self)
                for path in [
                    "/v1/nonconformities/NC-2026-0001/action", "/v1/meters/m.e/exchange", "/v1/links/x/scan",
                    "/v1/links/x/probe",
                ] {
                    let answer = try await daemon.ask("POST", path, body)
                    #expect([200, 400, 404, 409, 413, 422].contains(answer.status), "\(round) \(path) \(answer)")
                }
            }
        }
    }
}
