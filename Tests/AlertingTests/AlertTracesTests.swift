import Alerting
import Conformity
import Foundation
import TestKit
import Testing

@testable import PlantConfiguration

/// Crashed between writing lines and recording them, with a rotation before the next start.
@Suite("Alert files that were rotated while nobody looked")
struct AlertTracesTests {
    let folder: TemporaryFolder
    let outbox = MemoryOutbox()

    init() throws { folder = try TemporaryFolder() }

    private func writer(_ names: [String]) throws -> AlertWriter {
        try AlertWriter(
            outbox: outbox,
            files: names.map { Plant.AlertDestination(path: folder.file($0), format: .json, minimum: .info) })
    }

    private func numbered(_ events: ClosedRange<Int>) -> [String] {
        events.map { "{\"seq\":\($0),\"event\":\"e\($0)\"}" }
    }

    /// Leaves lines 3 and 4 written and not recorded.
    private func crash(_ names: [String]) throws {
        let first = try writer(names)
        outbox.enqueue("info", "info")
        _ = first.deliver()
        outbox.enqueue("info", "info")
        outbox.crash(afterRecords: 0)
        _ = first.deliver()
        outbox.restart()
        outbox.enqueue("info")
    }

    private static let pairs = [["a", "a.b"], ["alerts.jsonl", "alerts.jsonl.copy"], ["alerts.log", "alerts"]]

    @Test("files of which one's name begins with the other's have each line once after a crash", arguments: pairs)
    func prefixes(_ names: [String]) throws {
        for order in [names, names.reversed()] {
            let outbox = MemoryOutbox()
            let folder = try TemporaryFolder()
            func writer() throws -> AlertWriter {
                try AlertWriter(
                    outbox: outbox,
                    files: order.map { Plant.AlertDestination(path: folder.file($0), format: .json, minimum: .info) })
            }
            let first = try writer()
            outbox.enqueue("info", "info")
            _ = first.deliver()
            outbox.enqueue("info", "info")
            // One file is written and recorded, or written only; the other one has nothing of it.
            outbox.crash(afterRecords: 1)
            _ = first.deliver()
            outbox.restart()
            // The one that has nothing, because it could not be written, is as it was.
            try (numbered(1...2).joined(separator: "\n") + "\n").write(
                toFile: folder.file(order[1]), atomically: false, encoding: .utf8)
            _ = try writer().deliver()
            for name in order { #expect(try folder.lines(of: name) == numbered(1...4), "\(name) of \(order)") }
        }
    }

    @Test("a rotation of the file with the longer name is not one of the other", arguments: [false, true])
    func rotationOfOther(byCopy: Bool) throws {
        let names = ["a", "a.b"]
        let first = try writer(names)
        outbox.enqueue("info", "info")
        _ = first.deliver()
        // The first file cannot be written, the second one goes on and is rotated.
        let aside = folder.file("aside")
        try FileManager.default.moveItem(atPath: folder.file("a"), toPath: aside)
        try FileManager.default.createDirectory(atPath: folder.file("a"), withIntermediateDirectories: true)
        outbox.enqueue("info", "info")
        #expect(first.deliver().faults.count == 1)
        if byCopy {
            try FileManager.default.copyItem(atPath: folder.file("a.b"), toPath: folder.file("a.b.1"))
            truncate(folder.file("a.b"), 0)
        } else {
            try FileManager.default.moveItem(atPath: folder.file("a.b"), toPath: folder.file("a.b.1"))
        }
        try FileManager.default.removeItem(atPath: folder.file("a"))
        try FileManager.default.moveItem(atPath: aside, toPath: folder.file("a"))
        _ = try writer(names).deliver()
        #expect(try folder.lines(of: "a") == numbered(1...4))
        #expect(try folder.lines(of: "a.b.1") == numbered(1...4))
    }

    @Test(
        "copied and truncated, under any of logrotate's names",
        arguments: ["a.log.1", "a.log-20261127", "a-20261127.log"])
    func copyTruncate(_ copy: String) throws {
        try crash(["a.log"])
        try FileManager.default.copyItem(atPath: folder.file("a.log"), toPath: folder.file(copy))
        truncate(folder.file("a.log"), 0)
        _ = try writer(["a.log"]).deliver()
        #expect(try folder.lines(of: copy) == numbered(1...4))
        #expect(try folder.lines(of: "a.log") == numbered(5...5))
    }

    @Test("renamed to any name at all, and nothing or a new file in its place", arguments: [false, true])
    func renamed(isMade: Bool) throws {
        try crash(["a"])
        try FileManager.default.moveItem(atPath: folder.file("a"), toPath: folder.file("old"))
        if isMade { try "".write(toFile: folder.file("a"), atomically: false, encoding: .utf8) }
        _ = try writer(["a"]).deliver()
        #expect(try folder.lines(of: "old") == numbered(1...4))
        #expect(try folder.lines(of: "a") == numbered(5...5))
    }

    private func run(_ program: String, _ arguments: [String]) throws {
        let packer = Process()
        packer.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        packer.arguments = [program] + arguments
        try packer.run()
        packer.waitUntilExit()
        try #require(packer.terminationStatus == 0)
    }

    @Test("renamed and compressed, beside it or in a directory of old ones", arguments: ["a.1", "old/a.1"])
    func compressed(_ old: String) throws {
        try crash(["a"])
        try FileManager.default.createDirectory(atPath: folder.file("old"), withIntermediateDirectories: true)
        try FileManager.default.moveItem(atPath: folder.file("a"), toPath: folder.file(old))
        try run("gzip", [folder.file(old)])
        _ = try writer(["a"]).deliver()
        #expect(try folder.lines(of: "a") == numbered(5...5))
    }

    @Test("packed with zstd", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/zstd")))
    func zstd() throws {
        try crash(["a"])
        try FileManager.default.moveItem(atPath: folder.file("a"), toPath: folder.file("a.1"))
        try run("zstd", ["-q", "--rm", folder.file("a.1")])
        _ = try writer(["a"]).deliver()
        #expect(try folder.lines(of: "a") == numbered(5...5))
    }

    @Test("renamed into a directory of old ones")
    func oldDirectory() throws {
        try crash(["a"])
        try FileManager.default.createDirectory(atPath: folder.file("old"), withIntermediateDirectories: true)
        try FileManager.default.moveItem(atPath: folder.file("a"), toPath: folder.file("old/a-20261127"))
        _ = try writer(["a"]).deliver()
        #expect(try folder.lines(of: "old/a-20261127") == numbered(1...4))
        #expect(try folder.lines(of: "a") == numbered(5...5))
    }

    @Test("where it cannot be read, nothing is lost: the lines come once more, under their numbers")
    func unreadable() throws {
        try crash(["a"])
        try FileManager.default.removeItem(atPath: folder.file("a"))
        // As xz packs.
        try Data([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, 1, 2, 3]).write(to: URL(fileURLWithPath: folder.file("a.1.xz")))
        _ = try writer(["a"]).deliver()
        #expect(try folder.lines(of: "a") == numbered(3...5))
    }

    @Test("what was deleted before anybody recorded it is written again")
    func deleted() throws {
        try crash(["a"])
        try FileManager.default.removeItem(atPath: folder.file("a"))
        _ = try writer(["a"]).deliver()
        #expect(try folder.lines(of: "a") == numbered(3...5))
    }
}
