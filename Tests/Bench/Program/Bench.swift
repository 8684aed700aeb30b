import Foundation

/// The parts of `make bench` that need the rooms of the house themselves; Tests/Bench/bench runs it and prints the table.
@main
enum Bench {
    static func main() {
        do {
            let words = Array(CommandLine.arguments.dropFirst())
            let report = try run(words)
            print(
                String(
                    decoding: try JSONSerialization.data(withJSONObject: report, options: .sortedKeys), as: UTF8.self))
        } catch {
            FileHandle.standardError.write(Data("bench: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run(_ words: [String]) throws -> Report {
        func number(_ index: Int) throws -> Int {
            guard words.indices.contains(index), let number = Int(words[index]) else {
                throw BenchFault("argument \(index) must be a whole number")
            }
            return number
        }
        switch words.first {
        case "engine": return try EngineBench.run(rounds: try number(1))
        case "polling":
            return PollingBench.run(port: UInt16(try number(1)), meters: try number(2), seconds: try number(3))
        case "line":
            return try LineBench.run(
                path: words.count > 1 ? words[1] : "", baud: try number(2), registers: try number(3),
                seconds: try number(4))
        case "questions": return try QuestionBench.run(days: try number(1), directory: words.count > 2 ? words[2] : "")
        case "retention":
            return try QuestionBench.runRetention(days: try number(1), directory: words.count > 2 ? words[2] : "")
        case "fleet-prepare" where words.count > 4:
            return try FleetBench.prepare(
                words[1], sites: try number(2), seconds: try number(3), directory: words[4])
        case "fleet-count" where words.count > 3:
            return try FleetBench.count(words[1], sites: try number(2), directory: words[3])
        case "fleet" where words.count > 4:
            return try FleetBench.run(
                words[1], sites: try number(2), interval: try number(3), directory: words[4])
        default:
            throw BenchFault(
                "what? engine ROUNDS, polling PORT METERS SECONDS, line PATH BAUD REGISTERS SECONDS, "
                    + "questions DAYS DIRECTORY, retention DAYS DIRECTORY, "
                    + "fleet-prepare CONFIGURATION SITES SECONDS DIRECTORY, "
                    + "fleet CONFIGURATION SITES INTERVAL DIRECTORY, or fleet-count CONFIGURATION SITES DIRECTORY")
        }
    }
}

/// Figures by name.
typealias Report = [String: Double]

/// Why a benchmark could not run, as a sentence.
struct BenchFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Time that passes while something is done.
enum Stopwatch {
    static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let spent = try ContinuousClock().measure(body)
        return Double(spent.components.seconds) + Double(spent.components.attoseconds) / 1e18
    }
}

/// Numbers that look random and are the same in every run.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 29) ^ state
    }

    /// From 0 up to 1.
    mutating func nextFraction() -> Double { Double(next() >> 40) / Double(1 << 24) }
}
