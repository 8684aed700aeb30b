import Foundation
import Metering
import PlantConfiguration
import RecordKit
import TestKit
import Testing

@testable import ReadingFiles

@Suite("Recordings in CSV")
struct ReadingFileTests {
    private let folder: TemporaryFolder
    private let names: PointNames

    init() throws {
        folder = try TemporaryFolder()
        names = PointNames(
            try FinalRecord.plant(
                """
                site: {name: Works, timezone: UTC}
                meters: {m: {interval: 15m, points: {e: {kind: counter, max_rate: 1000}, p: {kind: gauge}}}}
                """, in: folder.path))
    }

    private struct Outcome {
        var readings: [Reading] = []
        var fault: ReadingFileFault?
        var reports: [ReadingFileFault] = []

        var texts: [String] { readings.map { "\($0.point) \($0.time) \($0.value) \($0.quality)" } }
    }

    private func read(_ bytes: [UInt8], skipping: Bool = false) throws -> Outcome {
        let path = folder.file("readings.csv")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        var reports: [ReadingFileFault] = []
        var outcome = Outcome()
        do {
            let file = try ReadingFile(path: path, names: names, skipsBadRows: skipping) { reports.append($0) }
            while try file.read(7, into: &outcome.readings) {}
        } catch {
            outcome.fault = error
        }
        outcome.reports = reports
        return outcome
    }

    private func read(_ text: String, skipping: Bool = false) throws -> Outcome {
        try read(Array(text.utf8), skipping: skipping)
    }

    private func compressed(_ bytes: [UInt8]) throws -> [UInt8] {
        let path = folder.file("plain")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let program = Process()
        let output = Pipe()
        program.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        program.arguments = ["gzip", "-nc", path]
        program.standardOutput = output
        try program.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        program.waitUntilExit()
        return Array(data)
    }

    private static func rows(_ count: Int) -> String {
        (0..<count).map { row in
            let time = Instant(milliseconds: 1_793_000_000_000 + Int64(row) * 900_000)
            return "\(time.text),m.e,\(84213 + row * 17).\(row % 10)5,good\n"
        }.joined()
    }

    private static let header = "time,point,value,quality\n"

    @Test("a compressed recording is whole or refused, wherever it was cut; what is read of it stood in it")
    func cutCompressed() throws {
        let text = Self.header + Self.rows(400)
        let whole = try compressed(Array(text.utf8))
        let all = try read(whole)
        #expect(all.fault == nil && all.readings.count == 400)
        for part in 0..<60 {
            let outcome = try read(Array(whole.prefix(whole.count * part / 60)))
            let fault = try #require(outcome.fault, "cut to \(part) parts of 60")
            #expect(fault.isInput)
            #expect(outcome.texts == Array(all.texts.prefix(outcome.texts.count)))
            if outcome.readings.count > 0 {
                #expect(fault.message.contains("\(outcome.readings.count) rows were read"), "\(fault)")
            }
        }
        var broken = whole
        broken[whole.count - 6] ^= 0xFF
        #expect(try read(broken).fault?.message.contains("damaged") == true)
    }

    @Test("members one after the other are one recording, zeros behind them nothing, and anything else is named")
    func members() throws {
        let first = try compressed(Array((Self.header + Self.rows(3)).utf8))
        let second = try compressed(Array("2026-12-01T00:00:00Z,m.p,5,good\n".utf8))
        #expect(try read(first + second).readings.count == 4)
        let padded = try read(first + [UInt8](repeating: 0, count: 700))
        #expect(padded.fault == nil && padded.readings.count == 3)
        #expect(try read(first + Array("rubbish".utf8)).fault?.message.contains("not compressed") == true)
    }

    @Test("a recording that is cut off anywhere leaves no value that did not stand in it", arguments: [true, false])
    func cutPlain(hasQuality: Bool) throws {
        var text = Self.header + Self.rows(6)
        if !hasQuality {
            text = text.replacingOccurrences(of: ",good", with: "").replacingOccurrences(of: ",quality", with: "")
        }
        let all = try read(text).texts
        #expect(all.count == 6)
        var accepted = 0
        for length in text.utf8.count / 2..<text.utf8.count {
            let outcome = try read(Array(text.utf8.prefix(length)))
            #expect(outcome.texts == Array(all.prefix(outcome.texts.count)))
            if outcome.fault == nil { accepted += 1 }
        }
        // At a line's end, and, where the last word is known to be whole, just before it.
        let ends = (text.utf8.count / 2..<text.utf8.count).count { length in
            let part = text.utf8.prefix(length)
            return part.last == 10 || (hasQuality && String(decoding: part, as: UTF8.self).hasSuffix(",good"))
        }
        #expect(accepted == ends && ends > 2)
    }

    @Test("mark, quotes and CR LF together, as spreadsheets write them")
    func quoted() throws {
        let text =
            "\u{FEFF}\"time\",\"point\",\"value\",\"quality\"\r\n\"2026-11-04T10:00:00Z\",\"m.e\",\"84213.4\",\"good\"\r\n"
            + "\"2026-11-04T10:15:00Z\",\"m.e\",\"84226.1\",\"good\""
        let outcome = try read(text)
        #expect(outcome.fault == nil && outcome.readings.map(\.value) == [84213.4, 84226.1])
        #expect(try read(String(text.dropLast(3))).fault?.message.contains("cut off") == true)
    }

    @Test("UTF-16 is refused by its name")
    func utf16() throws {
        let units = (Self.header + Self.rows(1)).utf16
        let little = units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(try read([0xFF, 0xFE] + little).fault?.message.contains("UTF-16") == true)
        #expect(try read(little).fault?.message.contains("UTF-16") == true)
    }

    @Test(
        "what programs write for no value is a bad reading",
        arguments: ["", "null", "NULL", "NaN", "-", "n/a", "N/A", "inf"])
    func absent(word: String) throws {
        let outcome = try read(Self.header + "2026-11-04T10:00:00Z,m.p,\(word),good\n")
        #expect(outcome.fault == nil && outcome.readings.map(\.quality) == [.bad])
    }

    @Test(
        "times outside of 1970 to 2100 are refused with their line",
        arguments: ["1600", "1969", "2101", "2600", "9999"])
    func times(year: String) throws {
        let text = Self.header + "2026-11-04T10:00:00Z,m.p,1,good\n\(year)-06-04T10:00:00Z,m.p,1,good\n"
        let outcome = try read(text)
        #expect(outcome.fault?.line == 3 && outcome.fault?.message.contains("1970 to 2100") == true)
    }

    @Test("a row that is left out on demand is a bad reading where its point and time can be read")
    func skipped() throws {
        let text =
            Self.header + "2026-11-04T10:00:00Z,m.p,1,good\n2026-11-04T10:15:00Z,m.p,1;5,good\n"
            + "2026-11-04T10:30:00Z,m.q,2,good\nyesterday,m.p,3,good\n2026-11-04T10:45:00Z,m.p,4,fine\n"
        let outcome = try read(text, skipping: true)
        #expect(outcome.reports.map(\.line) == [3, 4, 5, 6])
        #expect(outcome.readings.map(\.reason) == [.none, .unreadable, .unreadable])
        #expect(outcome.readings.map(\.quality) == [.good, .bad, .bad])
        #expect(try read(text).fault?.line == 3)
    }
}
