import TestKit
import Testing

/// A record with everything in it, changed a byte (`make soak`: a thousand) and a row at a time (`Tests/Attack/tamper.py`), and a bundle of evidence held by
/// three verifiers, of which one is the script in it and one shares no line with the product.
@Suite("a record that was tampered with", .enabled(if: RunningProgram.python != nil, "EMSD_PYTHON names no Python"))
struct TamperingTests {
    @Test("is found by audit verify, whichever byte or row was changed; a bundle holds, and no byte of it can change")
    func tampering() throws {
        let python = try #require(RunningProgram.python)
        let place = try TemporaryFolder()
        let end = try RunningProgram(
            python,
            [
                RepositoryFile.ofTests("Attack/tamper.py"), RunningProgram.directory, "--seeds", "4", "--files", "8",
                "--keep", place.file("record"),
            ]
        ).end(within: 600)
        #expect(end.code == 0, "\(end.output.prefix(4000))\(end.errors.prefix(2000))")
        #expect(end.output.contains("4 bytes changed, 0 faults"))
        let second = try RunningProgram(
            python, [RepositoryFile.ofTests("Oracle/audit.py"), "record", place.file("record/state")]
        ).end()
        #expect(second.code == 0, "\(second.output)\(second.errors)")
    }
    @Test(
        "no two heads disagree, at whatever step the daemon is killed, wherever a write of it fails, and with no room on the disk"
    )
    func heads() throws {
        let python = try #require(RunningProgram.python)
        let end = try RunningProgram(
            python,
            [
                RepositoryFile.ofTests("Attack/heads.py"), RunningProgram.directory, "--kills", "1", "--places", "3",
                "--steps", "0", "--room", "0",
            ]
        ).end(within: 600)
        #expect(end.code == 0, "\(end.output.prefix(4000))\(end.errors.prefix(2000))")
        #expect(end.output.contains("0 faults"))
    }
}
