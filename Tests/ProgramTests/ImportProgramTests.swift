import Foundation
import Testing

/// `emsctl import` and `emsctl enter` into a running daemon that polls a simulated meter meanwhile.
@Suite("files and figures taken into the running daemon", .serialized)
struct ImportProgramTests {
    private static let words = [
        "--point", "bill.gas", "--delimiter", ";", "--decimal", ",", "--times", "local", "--columns", "time=1,value=2",
        "--time-format", "dd.MM.yyyy HH:mm",
    ]

    /// 73 hours from the 24th of October 2026 on, as a German meter reader's program writes them: 02:00 to 03:00 on the
    /// 25th comes twice.
    private static let file: String = {
        var rows = ["Zeit;Zähler"]
        var (day, hour, hasRepeated) = (24, 0, false)
        for count in 0...73 {
            rows.append("\(day).10.2026 \(hour < 10 ? "0" : "")\(hour):00;1.0\(count < 10 ? "0" : "")\(count),5")
            if day == 25, hour == 2, !hasRepeated {
                hasRepeated = true
                continue
            }
            hour += 1
            if hour == 24 { (day, hour) = (day + 1, 0) }
        }
        return rows.joined(separator: "\r\n") + "\r\n"
    }()

    private func inWorks(_ body: (LiveWorks) throws -> Void) throws {
        let port = try FreePort.some(1)[0]
        let works = try LiveWorks(
            """
            links: {hall: {transport: tcp, host: 127.0.0.1, port: \(port), timeout: 1s}}
            meters:
              incomer: {link: hall, unit: 1, interval: 250ms, points: {power: {register: input 0, type: float32, kind: gauge}}}
              bill: {interval: 1h, points: {gas: {kind: counter, unit: m3, max_rate: 1000, max_gap: 3h}}}
            indicators: {gas_day: {window: 1d, formula: delta(bill.gas), unit: m3}}
            objectives: {gas_limit: {indicator: gas_day, max: 30}}

            """, timezone: "Europe/Berlin")
        let emsim = try works.simulate("signals: {incomer.power: 5}\n")
        try works.start()
        try eventually("readings") { try works.view.rows("readings", "incomer.power").count >= 3 }
        try body(works)
        #expect(try works.stop().code == 0)
        emsim.slay()
        let check = try works.record.run(["audit", "verify"])
        #expect(check.code == 0 && check.output.contains("all holds: "), "\(check)")
    }

    private func days(_ works: LiveWorks) throws -> [String] {
        try works.view.rows("indicators", "gas_day", "--since", "2026-10-20", "--until", "2026-10-28")
            .map { "\($0["start"]?.prefix(10) ?? "") \($0["value"] ?? "")" }
    }

    @Test("a file with local times revises days of 24 and 25 hours; a figure in place of another raises what it breaks")
    func imported() throws {
        try inWorks { works in
            let file = try works.place.write("gas.csv", Self.file)
            let tried = try works.view.run(["import", file, "--dry-run"] + Self.words)
            #expect(tried.code == 0 && tried.output.contains("bill.gas: 74 readings, 0 of them bad"), "\(tried)")
            #expect(try works.view.rows("readings", "bill.gas", "--since", "2026-10-01").isEmpty)

            let taken = try works.view.run(["import", file, "--reason", "bill of October"] + Self.words)
            #expect(taken.code == 0 && taken.errors.contains("shown twice"), "\(taken)")
            try eventually("the days computed") { try days(works).count == 4 }
            // By their beginning, local midnight, in UTC; the last has no reading within it.
            #expect(try days(works) == ["2026-10-23 24", "2026-10-24 25", "2026-10-25 24", "2026-10-26 "])
            #expect(try works.view.run(["nc", "list"]).code == 0)

            // The same once more changes nothing.
            let before = try works.view.rows("indicators", "gas_day", "--since", "2026-10-20", "--revisions").count
            #expect(
                try works.view.run(["import", file, "--reason", "again"] + Self.words).output.contains(
                    "74 readings of 1 points were read, 0 "))
            #expect(
                try works.view.rows("indicators", "gas_day", "--since", "2026-10-20", "--revisions").count == before)

            let words = ["enter", "bill.gas", "1080", "--time", "2026-10-27T00:00:00+01:00"]
            #expect(try works.view.run(words).code == 64, "without a reason")
            let entered = try works.view.run(words + ["--reason", "read by anna"])
            #expect(entered.code == 0 && entered.output.contains("in place of 1073.5"), "\(entered)")
            try eventually("the nonconformity") {
                try works.view.rows("nc", "list", "--since", "2026-10-01").map { $0["onset"]?.prefix(10) ?? "" }
                    == ["2026-10-25"]
            }
            #expect(try days(works)[2] == "2026-10-25 30.5")
            let journal = try works.view.run(["journal", "--since", "2026-01-01"]).output
            #expect(
                journal.contains("\"reason\":\"bill of October\"") && journal.contains("\"reason\":\"read by anna\""))
        }
    }

    @Test("of a file that is cut off, in UTF-16, or with a row that is none, nothing is taken: 65, and it is named")
    func refused() throws {
        try inWorks { works in
            let whole = try works.place.write("whole.csv", Self.file)
            #expect(try RunningProgram("/bin/gzip", ["-k", whole]).end().code == 0)
            let packed = try Data(contentsOf: URL(fileURLWithPath: whole + ".gz"))
            let cut = Self.file.dropLast(5)
            let files: [(name: String, content: Data)] = [
                ("cut-off.csv.gz", packed.prefix(packed.count / 2)),
                ("cut-within-a-row.csv", Data(cut.utf8)),
                ("utf-16.csv", try #require(Self.file.data(using: .utf16))),
                ("no-number.csv", Data(Self.file.replacingOccurrences(of: "1.040,5", with: "1.O40,5").utf8)),
                ("no-time.csv", Data(Self.file.replacingOccurrences(of: "26.10.2026 03", with: "36.10.2026 03").utf8)),
            ]
            for (name, content) in files {
                let path = works.place.file(name)
                try content.write(to: URL(fileURLWithPath: path))
                let end = try works.view.run(["import", path, "--reason", "bill of October"] + Self.words)
                #expect(end.code == 65 && end.errors.contains(name), "\(end)")
            }
            #expect(try works.view.rows("readings", "bill.gas", "--since", "2026-10-01").isEmpty)
        }
    }
}
