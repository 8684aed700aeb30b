import Foundation
import Metering
import RecordKit
import TestKit
import Testing

@testable import ReadingFiles

@Suite("Recordings in the forms that people have")
struct ReadingFormTests {
    private let folder: TemporaryFolder
    private let names: PointNames

    init() throws {
        folder = try TemporaryFolder()
        names = PointNames(
            try FinalRecord.plant(
                """
                site: {name: Works, timezone: Europe/Stockholm}
                meters:
                  m: {interval: 1h, points: {e: {kind: counter, max_rate: 9000}, u: {kind: interval}, p: {kind: gauge}}}
                """, in: folder.path))
    }

    private func read(
        _ text: String, _ form: ReadingForm, skipping: Bool = false
    ) throws -> (texts: [String], remark: String?, reports: [String]) {
        let path = folder.file("readings.csv")
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        var reports: [String] = []
        var readings: [Reading] = []
        let file = try ReadingFile(path: path, form: form, names: names, skipsBadRows: skipping) {
            reports.append($0.description)
        }
        while try file.read(3, into: &readings) {}
        let texts = readings.map { reading in
            let value = reading.isUsable ? "\(reading.value)" : reading.reason.text
            return "\(names.name(of: reading.point)) \(reading.time.text) \(value)"
        }
        return (texts, file.remark, reports)
    }

    private func form(
        _ columns: String = "", point: String? = nil, times: ReadingForm.Times = .offset, pattern: String? = nil,
        comma: Bool = false
    ) -> ReadingForm {
        var form = ReadingForm()
        form.columns = columns.isEmpty ? [:] : ReadingForm.columns(columns) ?? [:]
        form.point = point
        form.times = times
        form.timePattern = pattern.flatMap(TimePattern.init)
        form.hasDecimalComma = comma
        return form
    }

    @Test("an export of a Windows program: mark, quotes, semicolons, CR LF, decimal comma, groups, words for nothing")
    func windows() throws {
        let form = form(
            "time=Datum,value=Wert", point: "m.p", times: .local, pattern: "dd.MM.yyyy HH:mm", comma: true)
        let outcome = try read(
            "\u{FEFF}\"Datum\";\"Ort\";\"Wert\"\r\n\"01.11.2026 00:00\";\"x\";\"1.234,5\"\r\n"
                + "\"01.11.2026 01:00\";\"x\";\"-0,25\"\r\n\"01.11.2026 02:00\";\"x\";\"n/a\"\r\n\"31.10.2026 24:00\";\"x\";\"7\"\r\n",
            form)
        #expect(
            outcome.texts == [
                "m.p 2026-10-31T23:00:00Z 1234.5", "m.p 2026-11-01T00:00:00Z -0.25", "m.p 2026-11-01T01:00:00Z missing",
                "m.p 2026-10-31T23:00:00Z 7.0",
            ])
        #expect(outcome.remark == nil)
    }

    @Test("a load profile with the date and the time of day in columns of their own, the day's end as 24:00")
    func dateApart() throws {
        let form = form(
            "date=1,time=2,value=Wert", point: "m.p", times: .local, pattern: "dd.MM.yyyy HH:mm", comma: true)
        let outcome = try read(
            "Datum;Uhrzeit;Wert\n01.11.2026;23:45;1,5\n01.11.2026;24:00;#NV\n 02.11.2026 ;00:15;2,5\n", form)
        #expect(
            outcome.texts == [
                "m.p 2026-11-01T22:45:00Z 1.5", "m.p 2026-11-01T23:00:00Z missing", "m.p 2026-11-01T23:15:00Z 2.5",
            ])
        #expect {
            _ = try read("Datum;Uhrzeit;Wert\n01.13.2026;23:45;1,5\n", form)
        } throws: {
            "\($0)".contains("2: error: '01.13.2026 23:45' is not a time as --time-format says")
        }
    }

    @Test(
        "words for nothing are missing, never a value",
        arguments: ["null", "NULL", "None", "-", "N/A", "NA", "#N/A", "#NV", ""])
    func nothing(word: String) throws {
        #expect(
            try read("time,point,value\n2026-11-01T00:00:00Z,m.p,\"\(word)\"\n", form()).texts == [
                "m.p 2026-11-01T00:00:00Z missing"
            ])
    }

    @Test(
        "numbered columns need no header, and one is passed over",
        arguments: ["", "when,who,what\n"], [",", ";", "\t"])
    func numbered(header: String, delimiter: String) throws {
        let rows = (header + "5,m.e,2026-11-01T00:00:00Z\n6,m.e,2026-11-01T01:00:00Z\n")
            .replacingOccurrences(of: ",", with: delimiter)
        let outcome = try read(rows, form("time=3,point=2,value=1"))
        #expect(outcome.texts == ["m.e 2026-11-01T00:00:00Z 5.0", "m.e 2026-11-01T01:00:00Z 6.0"])
    }

    @Test(
        "what the clock shows twice is told apart by the order of the rows, forwards, backwards, and point by point",
        arguments: [15, 30, 60], [false, true])
    func twice(minutes: Int, isBackwards: Bool) throws {
        let from = Instant("2026-10-24T22:00:00Z")!
        let instants = (0..<(6 * 60 / minutes)).map { from + Int64($0 * minutes) * 60_000 }
        let order = isBackwards ? instants.reversed() : instants
        let rows = order.flatMap { instant -> [String] in
            let local = names.local(instant).prefix(16).replacingOccurrences(of: "T", with: " ")
            return ["\(local),m.e,1", "\(local),m.p,2"]
        }
        let outcome = try read("time,point,value\n" + rows.joined(separator: "\n") + "\n", form(times: .local))
        #expect(outcome.texts == order.flatMap { ["m.e \($0.text) 1.0", "m.p \($0.text) 2.0"] })
        let remark = try #require(outcome.remark)
        #expect(remark.contains("2026-10-25T02") && remark.contains("+02:00") && remark.contains("+01:00"))
    }

    @Test("a time that the clock never shows is a bad row, and no reading")
    func skipped() throws {
        let rows = "time,point,value\n2026-03-29 01:30,m.p,1\n2026-03-29 02:30,m.p,1\n2026-03-29 03:00,m.p,1\n"
        #expect(throws: ReadingFileFault.self) { try read(rows, form(times: .local)) }
        let outcome = try read(rows, form(times: .local), skipping: true)
        #expect(outcome.texts == ["m.p 2026-03-29T00:30:00Z 1.0", "m.p 2026-03-29T01:00:00Z 1.0"])
        #expect(
            outcome.reports.count == 1 && outcome.reports[0].contains(":3: ")
                && outcome.reports[0].contains("set forward"))
        #expect(throws: ReadingFileFault.self) { try read(rows, form()) }
        #expect(try read(rows, form(times: .utc)).texts.count == 3)
    }

    @Test("a stamp at the other end of the stretch is moved, and belongs to use per interval")
    func stamps() throws {
        var form = form()
        form.isStampedAtStart = true
        let row = "time,point,value\n2026-11-01T00:00:00Z,m.u,4\n"
        #expect(try read(row, form).texts == ["m.u 2026-11-01T01:00:00Z 4.0"])
        form.isStampedAtStart = false
        #expect(try read(row, form).texts == ["m.u 2026-11-01T00:00:00Z 4.0"])
        #expect(throws: ReadingFileFault.self) {
            try read(row.replacingOccurrences(of: "m.u", with: "m.p"), form)
        }
    }

    @Test(
        "what would become another number is refused",
        arguments: [
            ("time,point,value\n2026-11-01T00:00:00Z,m.p,1,5\n", false),
            ("time,point,value\n2026-11-01T00:00:00Z,m.p,\"1,5\"\n", false),
            ("time;point;value\n2026-11-01T00:00:00Z;m.p;1.5\n", true),
            ("time;point;value\n2026-11-01T00:00:00Z;m.p;12.34,5\n", true),
            ("time;point;value\n2026-11-01T00:00:00Z;m.p;1234.567\n", true),
            ("time;point;value\n2026-11-01T00:00:00Z;m.p;1,2,3\n", true),
        ])
    func refused(text: String, comma: Bool) {
        #expect(throws: ReadingFileFault.self) { try read(text, form(comma: comma)) }
    }

    @Test(
        "a pattern reads what it says and nothing else",
        arguments: [
            ("yyyyMMddHHmm", "202611010130", "2026-11-01T01:30:00Z"),
            ("d.M.yy H:mm", "1.11.26 9:05", "2026-11-01T09:05:00Z"),
            ("MM/dd/yyyy hh:mm a", "11/01/2026 12:05 AM", "2026-11-01T00:05:00Z"),
            ("MM/dd/yyyy hh:mm a", "11/01/2026 12:05 PM", "2026-11-01T12:05:00Z"),
            ("yyyy-MM-dd'T'HH:mm:ss.SSSX", "2026-11-01T01:30:00.250+0100", "2026-11-01T00:30:00.250Z"),
            ("dd.MM.yyyy HH:mm", "1.11.2026 01:30", nil), ("dd.MM.yyyy HH:mm", "31.11.2026 01:30", nil),
            ("dd.MM.yyyy HH:mm", "01.11.2026 01:30:00", nil), ("dd.MM.yyyy HH:mm", "01.11.2026 24:30", nil),
        ])
    func patterns(pattern: String, text: String, expected: String?) throws {
        let pattern = try #require(TimePattern(pattern))
        let meaning = text.utf8CString.withUnsafeBytes {
            pattern.meaning(UnsafeRawBufferPointer(rebasing: $0[..<($0.count - 1)]))
        }
        switch meaning {
        case .instant(let instant): #expect(instant.text == expected)
        case .shown(let time): #expect(Instant(milliseconds: time).text == expected)
        case nil: #expect(expected == nil)
        }
    }

    @Test("a pattern without meaning is none", arguments: ["HH:mm", "dd.MM.yyyy Q", "yyy-MM-dd", "yyyy-MM-dd'T"])
    func noPatterns(text: String) { #expect(TimePattern(text) == nil) }
}
