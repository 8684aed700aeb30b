import Crypto
import Foundation
import PlantAPI
import PlantConfiguration
import TestKit
import Testing

@testable import Connections

@Suite("Who may ask over TLS")
struct AccessListTests {
    private static let token = String(repeating: "a1", count: 16)
    private static let certificate = Array("a certificate".utf8)
    private static let digest = SHA256.hash(data: Data(certificate)).map { String($0, radix: 16, uppercase: true) }
        .map { $0.count == 1 ? "0" + $0 : $0 }

    @Test("a token and a certificate name who asks; blank lines and remarks name nobody")
    func named() throws {
        let list = try AccessList(
            """
            # who   what
            anna    token \(Self.token)

            office\tcertificate \(Self.digest.joined(separator: ":"))   # head office
            carl certificate \(String(repeating: "00", count: 32))
            """)
        #expect(list.name(ofToken: Self.token) == "anna")
        #expect(list.name(ofToken: Self.token + "a") == nil)
        #expect(list.name(ofToken: "") == nil)
        #expect(list.name(ofCertificate: Self.certificate) == "office")
        #expect(list.name(ofCertificate: []) == nil)
        #expect(try AccessList("").name(ofToken: "") == nil)
    }

    @Test(
        "a faulty line is named, and what stands in it is not shown",
        arguments: [
            ("anna \(token)", "line 1 is not a name"),
            ("\nanna token short-secret", "line 2 has a token of less than 32 characters"),
            ("anna certificate 00:11", "line 1 has no SHA-256"),
            ("anna certificate \(String(repeating: "+f", count: 32))", "line 1 has no SHA-256"),
            ("anna password \(token)", "line 1 says neither"), ("root token \(token)", "line 1 does not begin"),
            ("an,na token \(token)", "line 1 does not begin"),
        ])
    func faulty(text: String, words: String) {
        #expect {
            _ = try AccessList(text)
        } throws: {
            "\($0)".hasPrefix(words) && !"\($0)".contains(Self.token) && !"\($0)".contains("short-secret")
        }
    }

    @Test("a list that everybody can read is not used")
    func open() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("access")
        try Data("anna token \(Self.token)\n".utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect {
            _ = try AccessList.read(.file(path))
        } throws: {
            ($0 as? CommandError)?.status == .notPermitted && "\($0)".contains("can be read by everybody")
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        #expect(try AccessList.read(.file(path)).name(ofToken: Self.token) == "anna")
    }

    @Test("somebody far away is an operator by name alone, never as root")
    func operators() {
        #expect(Caller.remote("anna").isOperator(["anna"]))
        #expect(!Caller.remote("carl").isOperator(["anna"]))
        #expect(!Caller.remote("root").isOperator(["anna"]))
    }
}
