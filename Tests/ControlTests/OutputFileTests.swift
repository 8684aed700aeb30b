import Foundation
import PlantAPI
import TestKit
import Testing

@testable import Programs

@Suite("A file that a verb was told to write")
struct OutputFileTests {
    @Test("is written whole, over what stood there, with its mode; a link stays one and nothing is left beside it")
    func whole() throws {
        let folder = try TemporaryFolder()
        try OutputFile.write("one".utf8, to: folder.file("a"))
        #expect(chmod(folder.file("a"), 0o640) == 0)
        #expect(symlink(folder.file("a"), folder.file("link")) == 0)
        try OutputFile.write("two".utf8, to: folder.file("link"))
        #expect(try String(contentsOfFile: folder.file("a"), encoding: .utf8) == "two")
        let files = FileManager.default
        #expect(try files.destinationOfSymbolicLink(atPath: folder.file("link")) == folder.file("a"))
        #expect(try files.attributesOfItem(atPath: folder.file("a"))[.posixPermissions] as? Int == 0o640)
        #expect(try files.contentsOfDirectory(atPath: folder.file("")).sorted() == ["a", "link"])
    }

    @Test("a device is written into and stays a device; what does not go in whole is said: 74")
    func device() throws {
        let folder = try TemporaryFolder()
        #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
        let reader = open(folder.file("pipe"), O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        try OutputFile.write("three".utf8, to: folder.file("pipe"))
        var bytes = [UInt8](repeating: 0, count: 16)
        #expect(read(reader, &bytes, 16) == 5)
        // A link, so that a program that would take the device away only takes the link away.
        #expect(symlink("/dev/full", folder.file("full")) == 0)
        let refusal = #expect(throws: CommandError.self) { try OutputFile.write("x".utf8, to: folder.file("full")) }
        #expect(refusal?.status == .inputOutput)
        #expect(refusal?.message.contains("No space left on device") == true)
    }

    @Test("where it cannot be made it is said why: 73")
    func refused() throws {
        let folder = try TemporaryFolder()
        for path in ["none/file", "."] {
            let refusal = #expect(throws: CommandError.self) {
                try OutputFile.write("x".utf8, to: folder.file(path))
            }
            #expect(refusal?.status == .cannotCreate, "\(path)")
        }
    }
}
