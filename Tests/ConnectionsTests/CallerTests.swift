import Foundation
import TestKit
import Testing

@testable import Connections

@Suite("Who calls")
struct CallerTests {
    /// A `/proc` with our own login and that of process 4711.
    private static func proc(own: String?, login: String?, users: String = "0 0 0 0") throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (name, text) in [("self", own), ("4711", login)] {
            guard let text else { continue }
            try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
            try folder.write("\(name)/loginuid", text)
            try folder.write(
                "\(name)/status",
                "Name:\temsctl\nUid:\t\(users.replacing(" ", with: "\t"))\nGid:\t0\n")
        }
        return folder
    }

    @Test("is who logged in, whatever account came after it")
    func isWhoLoggedIn() throws {
        let proc = try Self.proc(own: "4294967295", login: "1001")
        #expect(LoginRecord(root: proc.path).login(of: 4711, user: 0) == .known(1001))
    }

    @Test("is the account where nobody logged in, or the kernel keeps no logins")
    func isTheAccount() throws {
        let service = try Self.proc(own: "4294967295", login: "4294967295\n")
        #expect(LoginRecord(root: service.path).login(of: 4711, user: 0) == LoginRecord.Finding.none)
        let plain = try Self.proc(own: nil, login: nil)
        #expect(LoginRecord(root: plain.path).login(of: 4711, user: 0) == LoginRecord.Finding.none)
    }

    @Test("cannot be told where the process is gone, or its number is another one's by now")
    func cannotBeTold() throws {
        let gone = try Self.proc(own: "1000", login: nil)
        #expect(LoginRecord(root: gone.path).login(of: 4711, user: 0) == .hidden)
        let another = try Self.proc(own: "1000", login: "1001", users: "1002 1002 1002 1002")
        #expect(LoginRecord(root: another.path).login(of: 4711, user: 1001) == .hidden)
        #expect(LoginRecord(root: another.path).login(of: 4711, user: 1002) == .known(1001))
    }
}
