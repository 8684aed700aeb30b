import Foundation
import TestKit
import Testing

/// Chromium without a window, as Debian installs it.
struct Browser {
    /// Where it is; nil where it is not installed.
    static let path: String? = program("chromium")

    /// Why tests with it are left out.
    static let isMissing: Comment = "chromium is not installed"

    /// A program of the system, where it is installed.
    static func program(_ name: String) -> String? {
        let path = "/usr/bin/\(name)"
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    /// What a page is after so many milliseconds of its own time, which passes at once, and what it complained of.
    static func page(
        at address: String, after milliseconds: Int, in place: TemporaryFolder
    ) throws -> (page: String, complaints: [String]) {
        let end = try RunningProgram(
            try #require(path),
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr",
                "--user-data-dir=\(place.file("browser"))", "--virtual-time-budget=\(milliseconds)", "--dump-dom",
                address,
            ]
        ).end(within: 120)
        #expect(end.code == 0, "\(end.errors.suffix(1000))")
        let complaints = end.errors.split(separator: "\n").map(String.init).filter { $0.contains("CONSOLE") }
        return (end.output, complaints)
    }

    /// What HTML Tidy finds wrong in a file; of SVG it knows no attributes.
    static func faults(in file: String) throws -> [String] {
        let end = try RunningProgram(try #require(program("tidy")), ["-errors", "-quiet", file]).end()
        return end.errors.split(separator: "\n").map(String.init).filter {
            !$0.contains("<svg> proprietary attribute")
        }
    }
}
