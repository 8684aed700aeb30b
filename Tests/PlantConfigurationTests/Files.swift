import Foundation
import TestKit

@testable import PlantConfiguration

/// Where the tests' files are, and files that live as long as one test.
enum Files {
    private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
    /// The folder of faulty configurations.
    static let bad = tests + "/bad"
    /// The shipped configuration.
    static let configuration =
        URL(fileURLWithPath: tests).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().path + "/config"
    /// The shipped profiles.
    static let profiles = configuration + "/profiles"

    /// The names of files in a folder with that ending, sorted, without it.
    static func names(in folder: String, ending: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }.sorted()
    }

    /// Runs a body with the path of a file of that content, beside which other files may stand.
    static func with<Result>(
        _ content: String, beside others: [String: String] = [:], _ body: (String) throws -> Result
    ) throws -> Result {
        let kept = try TemporaryFolder()
        let folder = URL(fileURLWithPath: kept.path)
        for (name, text) in others.merging(["emsd.yaml": content], uniquingKeysWith: { $1 }) {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return try withExtendedLifetime(kept) { try body(kept.file("emsd.yaml")) }
    }

    /// The report about a configuration with that text.
    static func report(_ content: String, beside others: [String: String] = [:]) throws -> PlantReport {
        try with(content, beside: others) { PlantLoader.load(path: $0, builtIn: [profiles]) }
    }
}
