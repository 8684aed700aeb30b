import ArgumentParser
import Foundation
import Listings
import PlantAPI
import Programs

/// What both tests with the reference method take.
struct PairOptions: ParsableArguments {
    @Argument(help: "A CSV file whose first row names the columns reading and reference, and perhaps time.")
    var file: String

    @Option(help: "The daily limit, in the unit of the values.")
    var limit: Double

    @Option(help: "The permitted 95 % confidence interval in percent of the limit, e.g. 20.")
    var interval: Double

    @OptionGroup var form: FormatOption

    func validate() throws {
        if !(limit.isFinite && limit > 0) { throw ValidationError("--limit is a number above 0") }
        if !(interval > 0 && interval <= 100) {
            throw ValidationError("--interval is above 0 and at most 100 (percent)")
        }
    }

    func story() throws -> FunctionStory {
        FunctionStory(try ReferencePairs(path: file), limit: limit, interval: interval, format: form.format) {
            try StandardStreams.output($0)
        }
    }
}

/// `emsctl qal2 FILE`
struct FunctionVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "qal2",
        abstract:
            "The calibration function that pairs with the reference method say, and whether it may be used (EN 14181).",
        discussion:
            "Nothing is stored: what it prints as 'calibration' goes into the indicator's configuration. Exit status 1: the "
            + "analyser scatters more than is permitted.")

    @OptionGroup var pairs: PairOptions

    @Option(parsing: .unconditional, help: "What the analyser reads at zero; used where the values lie close together.")
    var zero: Double = 0

    func run() async throws {
        let status = try pairs.story().findFunction(zero: zero)
        if status != .done { throw ExitCode(status.rawValue) }
    }
}

/// `emsctl ast FILE`
struct SurveillanceVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ast",
        abstract: "Whether a calibration function still holds, by pairs of the yearly test (EN 14181).",
        discussion:
            "Nothing is stored: a passed test is entered with 'calibration add', a failed one with --as-found fail. Exit "
            + "status 1: it does not hold.")

    @OptionGroup var pairs: PairOptions

    @Option(name: .customLong("a"), parsing: .unconditional, help: "The function's a, as the configuration has it.")
    var intercept: Double

    @Option(name: .customLong("b"), parsing: .unconditional, help: "Its b.")
    var slope: Double

    func run() async throws {
        let status = try pairs.story().test(intercept: intercept, slope: slope)
        if status != .done { throw ExitCode(status.rawValue) }
    }
}
