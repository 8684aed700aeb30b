import Foundation
import TestKit
import Testing

/// `emsd replay` against an implementation of the rules that shares no line with it (`Tests/Oracle`).
@Suite("the product and the oracle", .enabled(if: RunningProgram.python != nil, "EMSD_PYTHON names no Python"))
struct DifferentialTests {
    @Test(
        "a random plant gives the same values, statuses, verdicts, ledger and nonconformities",
        arguments: [1, 2, 4, 5, 6, 7, 9, 17, 19, 25, 27])
    func random(seed: Int) throws {
        try compare(["--seed", String(seed)])
    }

    @Test("recorded in four parts, one replay after the other, it gives the same", arguments: [5, 17, 24])
    func inParts(seed: Int) throws {
        try compare(["--seed", String(seed), "--parts", "4"])
    }

    @Test("with rows that come late or twice it gives the same", arguments: [23, 31, 33, 38])
    func late(seed: Int) throws {
        try compare(["--seed", String(seed), "--parts", "3", "--late"])
    }

    @Test(
        "configurations that take each other's place give the same",
        arguments: [3, 8, 14, 19, 25, 203, 208, 211, 215, 217, 91068, 91124])
    func changing(seed: Int) throws {
        try compare(["--seed", String(seed), "--changes"])
    }

    @Test("the same where a replay ends and another begins between two changes, or with one", arguments: [94858])
    func changingInParts(seed: Int) throws {
        try compare(["--seed", String(seed), "--changes", "--parts", "3"])
    }

    @Test(
        "the same with rows that come late, also after a change",
        arguments: [102, 106, 124, 137, 91005, 91158, 91230, 92054, 93037, 93045, 93093, 22, 94301])
    func changingLate(seed: Int) throws {
        try compare(["--seed", String(seed), "--changes", "--late", "--parts", "2"])
    }

    @Test("killed on the way and begun again it gives the same")
    func killed() throws {
        try compare(["--seed", "37", "--parts", "2", "--late", "--kills", "1"])
    }

    @Test(
        "the same where the configuration changes on the way",
        arguments: [91246, 93070, 93142, 93262, 94022, 94206, 94356, 94964])
    func changingKilled(seed: Int) throws {
        try compare(["--seed", String(seed), "--changes", "--late", "--parts", "3", "--kills", "1"])
    }

    @Test("a works over three weeks and a change of the clocks gives the same")
    func works() throws {
        try compare(["--works"])
    }

    private func compare(_ plant: [String]) throws {
        let python = try #require(RunningProgram.python)
        let place = try TemporaryFolder()
        let end = try RunningProgram(
            python,
            [RepositoryFile.ofTests("Oracle/differential.py"), "--programs", RunningProgram.directory] + plant
                + ["--out", place.file("plant")]
        ).end()
        #expect(end.code == 0, "\(end.output.prefix(4000))\(end.errors)")
        #expect(end.output.contains("both have "))
        // Made once more from its readings by the configurations of their time, the record is the same.
        let check = try RunningProgram("emsctl", ["--database", place.file("plant/database"), "audit", "verify"]).end()
        #expect(check.code == 0, "\(check.output.prefix(4000))\(check.errors)")
        #expect(check.output.contains("recomputed: "))
    }
}
