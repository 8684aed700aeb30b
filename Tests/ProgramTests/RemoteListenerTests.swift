import Foundation
import TestKit
import Testing

/// The API over TLS, asked by `curl` and `emsctl` with tokens and certificates that `openssl` made.
@Suite("the API over TLS", .serialized)
struct RemoteListenerTests {
    private static let tokens = [
        "anna": String(repeating: "a1", count: 20), "guest": String(repeating: "b2", count: 20),
    ]

    private let port: Int
    private let works: LiveWorks

    init() throws {
        port = try FreePort.some(1)[0]
        works = try LiveWorks(
            "meters: {bill: {interval: 1h, points: {gas: {kind: counter, unit: m3}}}}\n",
            operators: ["anna", "office"],
            api: "tls: {listen: '127.0.0.1:\(port)', certificate_file: DIR/site.pem, key_file: DIR/site.key, "
                + "access_file: DIR/access}")
        for name in ["site", "office", "stranger"] { try certificate(name) }
        let print = try tool(
            "openssl", "x509", "-in", works.place.file("office.pem"), "-noout", "-fingerprint", "-sha256")
        let digest = print.output.split(separator: "=").last?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        try secret(
            "access", Self.tokens.map { "\($0) token \($1)\n" }.joined() + "office certificate \(digest)\n")
        for (name, token) in Self.tokens { try secret("\(name).token", token + "\n") }
        try works.start()
        try eventually("the listener") { try curl("/v1/status").body.contains("who asks is not known") }
    }

    private func tool(_ name: String, _ arguments: String...) throws -> (code: Int32, output: String, errors: String) {
        try RunningProgram("/usr/bin/" + name, arguments).end(within: 60)
    }

    /// A certificate of the name's own and its key.
    private func certificate(_ name: String) throws {
        let made = try tool(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2",
            "-keyout", works.place.file("\(name).key"), "-out", works.place.file("\(name).pem"), "-subj", "/CN=\(name)",
            "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost")
        try #require(made.code == 0, "\(made)")
        try secret("\(name).key", works.place.read("\(name).key"))
    }

    private func secret(_ name: String, _ text: String) throws {
        let path = try works.place.write(name, text)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    private func curl(_ target: String, _ arguments: String..., by: String? = nil) throws -> (
        status: String, body: String
    ) {
        let word = by.flatMap { Self.tokens[$0] }.map { ["-H", "Authorization: Bearer \($0)"] } ?? []
        let end = try RunningProgram(
            "/usr/bin/curl",
            ["-s", "--cacert", works.place.file("site.pem"), "-w", "\n%{http_code}"] + arguments + word
                + ["https://127.0.0.1:\(port)\(target)"]
        ).end(within: 60)
        let lines = end.output.split(separator: "\n", omittingEmptySubsequences: false)
        return (String(lines.last ?? ""), lines.dropLast().joined(separator: "\n"))
    }

    private func emsctl(_ words: String..., environment: [String: String]) throws -> (
        code: Int32, output: String, errors: String
    ) {
        var environment = environment.mapValues { works.place.file($0) }
        environment["EMSD_CA_FILE"] = environment["EMSD_CA_FILE"] ?? works.place.file("site.pem")
        return try RunningProgram(
            "emsctl", words + ["--socket", "https://127.0.0.1:\(port)"], environment: environment
        ).end(within: 60)
    }

    private func enter(_ value: String, _ environment: [String: String]) throws -> (
        code: Int32, output: String, errors: String
    ) {
        try emsctl(
            "enter", "bill.gas", value, "--time", "2026-11-0\(value)", "--reason", "read off", environment: environment)
    }

    @Test("who is not on the list gets nothing, who is on it looks, who is an operator changes, each by name")
    func access() throws {
        #expect(try curl("/v1/points").status == "401")
        #expect(
            try curl("/v1/points", "-H", "Authorization: Bearer \(String(repeating: "c", count: 40))").status == "401")
        #expect(try curl("/v1/points", by: "guest").body.contains("bill.gas"))
        // A certificate proves who one is only with its key, and names nobody that is not on the list.
        let (office, stranger) = (works.place.file("office"), works.place.file("stranger"))
        #expect(try curl("/v1/points", "--cert", office + ".pem", "--key", office + ".key").status == "200")
        #expect(try curl("/v1/points", "--cert", stranger + ".pem", "--key", stranger + ".key").status == "401")

        let guest = try enter("1", ["EMSD_TOKEN_FILE": "guest.token"])
        #expect(guest.code == 77 && guest.errors.contains("guest is no operator of this site"), "\(guest)")
        let nobody = try enter("1", [:])
        #expect(nobody.code == 77 && nobody.errors.contains("who asks is not known"), "\(nobody)")
        let anna = try enter("2", ["EMSD_TOKEN_FILE": "anna.token"])
        #expect(anna.code == 0, "\(anna)")
        let far = try enter("3", ["EMSD_CERTIFICATE_FILE": "office.pem", "EMSD_KEY_FILE": "office.key"])
        #expect(far.code == 0, "\(far)")
        let journal = try works.view.run(["journal", "--format", "json"]).output
        #expect(journal.contains("anna") && journal.contains("office") && !journal.contains("guest"), "\(journal)")
        // The daemon is believed by its certificate alone.
        let fooled = try emsctl(
            "status", environment: ["EMSD_TOKEN_FILE": "anna.token", "EMSD_CA_FILE": "stranger.pem"])
        #expect(fooled.code == 69 && fooled.errors.contains("EMSD_CA_FILE"), "\(fooled)")
        #expect(try works.stop().code == 0)
    }

    @Test(
        "a line taken out counts at once, a renewed certificate for the next connection; half a handshake holds nobody up"
    )
    func changes() throws {
        #expect(try curl("/v1/points", by: "guest").status == "200")
        try secret("access", "anna token \(Self.tokens["anna"] ?? "")\n")
        #expect(try curl("/v1/points", by: "guest").status == "401")
        #expect(try curl("/v1/points", by: "anna").status == "200")
        // A list that cannot be read lets nobody in, and its faults are told to nobody far away.
        try secret("access", "anna token short\n")
        let broken = try curl("/v1/points", by: "anna")
        #expect(broken.status == "500" && !broken.body.contains("line 1"), "\(broken)")
        try secret("access", "anna token \(Self.tokens["anna"] ?? "")\n")

        let halves = try (0..<20).map { _ in try RawClient(port: port) }
        for half in halves { half.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]) }
        let plain = try RawClient(port: port)
        plain.send(Array("GET /v1/points HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        try certificate("site")
        #expect(try curl("/v1/points", by: "anna").status == "200", "the new certificate is the one believed now")
        #expect(try works.view.run(["status"]).code <= 1)
        withExtendedLifetime((halves, plain)) {}
        let end = try works.stop()
        #expect(end.code == 0 && !end.errors.contains(Self.tokens["anna"] ?? "-"), "\(end)")
    }
}
