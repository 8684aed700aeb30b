import Foundation
import TestKit
import Testing

@testable import PlantConfiguration

@Suite("Configurations that nobody should write")
struct ConfigurationFuzzTests {
    private static let good = ["emsd.yaml", "demo/everything.yaml", "demo/emsd.yaml"].compactMap {
        try? String(contentsOfFile: "\(Files.configuration)/\($0)", encoding: .utf8)
    }

    @Test("are read or refused with a fault's place, and nothing else")
    func rubbish() throws {
        #expect(!Self.good.isEmpty)
        for round in 0..<Rubbish.rounds / 3 {
            var rubbish = Rubbish(round: round)
            let report = try Files.report(rubbish.text(like: Self.good))
            #expect(report.plant != nil || !report.faults.isEmpty, "round \(round)")
        }
    }

    @Test("of bytes that are no text are refused")
    func bytes() throws {
        for round in 0..<Rubbish.rounds / 3 {
            var rubbish = Rubbish(round: round)
            let bytes = rubbish.bytes(like: Self.good)
            try Files.with("") { path in
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                let report = PlantLoader.load(path: path, builtIn: [])
                #expect(report.plant != nil || !report.faults.isEmpty, "round \(round)")
            }
        }
    }

    @Test(
        "of any depth or length are refused before they cost anything",
        arguments: ["[", "{a: ", "- ", "? ", "a: &x [*x, ", "!!str ", "\"", "|\n ", "&a ", "*a ", "a:\n "])
    func deep(piece: String) throws {
        for count in [60, 20_000] { _ = try Files.report(String(repeating: piece, count: count)) }
    }

    @Test("whose aliases would fill the memory are refused")
    func aliases() throws {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            text +=
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
                + "]\n"
        }
        let report = try Files.report(text)
        #expect(report.plant == nil)
        #expect(report.faults.contains { "\($0)".contains("too large once its aliases are written out") })
    }
}
