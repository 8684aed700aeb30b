import Alerting
import Conformity
import Foundation
import TestKit
import Testing

@testable import PlantConfiguration

@Suite("Alert files")
struct AlertWriterTests {
    let folder: TemporaryFolder
    let outbox = MemoryOutbox()

    init() throws { folder = try TemporaryFolder() }

    private func file(_ name: String, _ format: Plant.AlertDestination.Format = .json, _ minimum: AlertSeverity = .info)
        -> Plant.AlertDestination
    {
        Plant.AlertDestination(path: folder.file(name), format: format, minimum: minimum)
    }

    private func writer(_ files: Plant.AlertDestination...) throws -> AlertWriter {
        try AlertWriter(outbox: outbox, files: files)
    }

    private func numbered(_ events: ClosedRange<Int>, from seq: Int = 1) -> [String] {
        events.enumerated().map { "{\"seq\":\(seq + $0),\"event\":\"e\($1)\"}" }
    }

    @Test("each path counts its own lines from 1, without those below its minimum")
    func numbersPerPath() throws {
        let writer = try writer(file("all"), file("grave", .json, .major), file("text", .text, .warning))
        outbox.enqueue("info", "critical", "warning", "major")
        #expect(writer.deliver() == AlertWriter.Pass(lines: 9))
        #expect(try folder.lines(of: "all") == numbered(1...4))
        #expect(try folder.lines(of: "grave") == ["{\"seq\":1,\"event\":\"e2\"}", "{\"seq\":2,\"event\":\"e4\"}"])
        #expect(try folder.lines(of: "text") == ["line 2", "line 3", "line 4"])
        #expect(writer.deliver() == AlertWriter.Pass())
    }

    @Test("a path that was not configured before begins with the next alert")
    func newPath() throws {
        outbox.enqueue("info", "info")
        let writer = try writer(file("late"))
        outbox.enqueue("info")
        _ = writer.deliver()
        #expect(try folder.lines(of: "late") == ["{\"seq\":1,\"event\":\"e3\"}"])
    }

    @Test("a restart goes on counting where the file stopped")
    func restart() throws {
        let first = try writer(file("a"))
        outbox.enqueue("info", "info")
        _ = first.deliver()
        let second = try writer(file("a"))
        outbox.enqueue("info")
        _ = second.deliver()
        #expect(try folder.lines(of: "a") == numbered(1...3))
    }

    @Test(
        "lines that were written and not recorded before a crash are not written again",
        arguments: [Plant.AlertDestination.Format.json, .text])
    func crashBeforeRecord(format: Plant.AlertDestination.Format) throws {
        let first = try writer(file("a", format))
        outbox.enqueue("info")
        _ = first.deliver()
        outbox.enqueue("warning", "info")
        outbox.crash(afterRecords: 0)
        #expect(first.deliver().faults.count == 1)
        let written = try folder.lines(of: "a")
        #expect(written.count == 3)
        outbox.restart()
        let second = try writer(file("a", format))
        #expect(second.deliver().lines == 0)
        outbox.enqueue("info")
        _ = second.deliver()
        #expect(try folder.lines(of: "a").count == 4)
        #expect(try folder.lines(of: "a").dropLast() == written[...])
    }

    @Test("also the very first lines of a path are not written again")
    func crashAtFirstLines() throws {
        let first = try writer(file("a"))
        outbox.enqueue("info", "info")
        // The first record says where the lines will begin.
        outbox.crash(afterRecords: 1)
        _ = first.deliver()
        outbox.restart()
        _ = try writer(file("a")).deliver()
        #expect(try folder.lines(of: "a") == numbered(1...2))
    }

    @Test("a torn last line is cut off and written as a whole", arguments: [1, 9, 22])
    func tornLine(bytes: Int) throws {
        let first = try writer(file("a"))
        outbox.enqueue("info")
        _ = first.deliver()
        outbox.enqueue("info")
        let torn = String(numbered(2...2, from: 2)[0].prefix(bytes))
        try folder.write("a", numbered(1...1)[0] + "\n" + torn, inPlace: true)
        _ = try writer(file("a")).deliver()
        #expect(try folder.lines(of: "a") == numbered(1...2))
    }

    @Test("somebody's unfinished line gets its end, and stays")
    func foreignLine() throws {
        try folder.write("a", "note of the night shift", inPlace: true)
        let writer = try writer(file("a"))
        outbox.enqueue("info")
        _ = writer.deliver()
        #expect(try folder.lines(of: "a") == ["note of the night shift"] + numbered(1...1))
    }

    @Test("after a rename the lines go on in a new file, without a signal")
    func rename() throws {
        let writer = try writer(file("a"))
        outbox.enqueue("info")
        _ = writer.deliver()
        try FileManager.default.moveItem(atPath: folder.file("a"), toPath: folder.file("a.1"))
        outbox.enqueue("info")
        _ = writer.deliver()
        #expect(try folder.lines(of: "a.1") == numbered(1...1))
        #expect(try folder.lines(of: "a") == numbered(2...2, from: 2))
    }

    @Test("a file that was truncated after a copy (copytruncate) goes on at its begin")
    func truncation() throws {
        let writer = try writer(file("a"))
        outbox.enqueue("info", "info")
        _ = writer.deliver()
        try FileManager.default.copyItem(atPath: folder.file("a"), toPath: folder.file("a.1"))
        truncate(folder.file("a"), 0)
        outbox.enqueue("info")
        _ = writer.deliver()
        #expect(try folder.lines(of: "a") == numbered(3...3, from: 3))
    }

    @Test("a line that a crash left unrecorded is found also in the file that was renamed meanwhile")
    func renameWhileDown() throws {
        let first = try writer(file("a"))
        outbox.enqueue("info")
        _ = first.deliver()
        outbox.enqueue("info", "info")
        outbox.crash(afterRecords: 0)
        _ = first.deliver()
        try FileManager.default.moveItem(atPath: folder.file("a"), toPath: folder.file("a.1"))
        outbox.restart()
        outbox.enqueue("info")
        _ = try writer(file("a")).deliver()
        #expect(try folder.lines(of: "a.1") == numbered(1...3))
        #expect(try folder.lines(of: "a") == numbered(4...4, from: 4))
    }

    @Test("a path that cannot be written waits and stops nobody")
    func unwritable() throws {
        try folder.write("blocked", "", inPlace: true)
        let writer = try writer(file("blocked/a"), file("b"))
        outbox.enqueue("info", "info")
        let pass = writer.deliver()
        #expect(pass.lines == 2)
        #expect(pass.faults.map(\.path) == [folder.file("blocked/a")])
        #expect(try folder.lines(of: "b") == numbered(1...2))
        try FileManager.default.removeItem(atPath: folder.file("blocked"))
        #expect(writer.deliver() == AlertWriter.Pass(lines: 2))
        #expect(try folder.lines(of: "blocked/a") == numbered(1...2))
    }

    @Test("a full disk leaves no half line behind", .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func fullDisk() throws {
        let writer = try writer(Plant.AlertDestination(path: "/dev/full", format: .json, minimum: .info))
        outbox.enqueue("info")
        let faults = writer.deliver().faults
        #expect(faults.count == 1)
        #expect(faults.first?.description.contains("No space left on device") == true)
        #expect(writer.deliver().faults == faults)
    }
}
