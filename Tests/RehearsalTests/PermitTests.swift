import Foundation
import PlantConfiguration
import Rehearsal
import Testing

/// The example permits of `config/permits` against verdicts that were computed by hand.
@Suite("Permits as they are written")
struct PermitTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../config/permits").standardizedFileURL.path
    static let permits: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".yaml") && !$0.hasSuffix(".test.yaml") }.sorted()
    }()

    @Test("there are the permits that people ask for first")
    func present() { #expect(Self.permits.count >= 6) }

    @Test("each gives the verdicts that were computed by hand", arguments: permits)
    func verdicts(permit: String) throws {
        let path = Self.folder + "/" + permit
        let report = PlantLoader.load(path: path, builtIn: [Self.folder + "/../profiles"])
        #expect(report.faults.map(\.description) == [])
        let plant = try #require(report.plant)
        let run = RuleTestRun(path.replacingOccurrences(of: ".yaml", with: ".test.yaml"))
        #expect(run.configuration() == path)
        let outcome = try run.run(plant)
        #expect(outcome.failures == [])
        #expect(outcome.count > 0)
    }
}
