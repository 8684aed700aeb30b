import ArgumentParser
import Foundation
import PlantAPI
import Programs

/// `emsctl calibration …`
struct CalibrationVerbs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibration", abstract: "Checks of meters against a reference.",
        subcommands: [
            CalibrationAddVerb.self, CalibrationListVerb.self, CalibrationSuspectVerb.self, CalibrationWeeksVerb.self,
        ])
}

/// `emsctl calibration add METER`
struct CalibrationAddVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Enters a check of a meter.",
        discussion:
            "A check that failed as found puts in doubt all that the meter measured since its last good one: windows and "
            + "verdicts are counted, and a data nonconformity follows them.")

    @Argument(help: "The meter.")
    var meter: String

    @Option(parsing: .unconditional, help: "When it was checked: 2026-11-01T06:00:00Z, 2026-11-01 (local midnight).")
    var date: String

    @Option(
        parsing: .unconditional,
        help: "When the next check is due; absent: after what the configuration says as 'calibrated'.")
    var due: String?

    @Option(help: "The certificate's file, of which the SHA-256 is kept.")
    var certificate: String?

    @Option(help: "How it was found, before anything was adjusted: pass or fail.")
    var asFound: String

    @OptionGroup var plant: PlantOptions

    func validate() throws {
        if !["pass", "fail"].contains(asFound) { throw ValidationError("--as-found is pass or fail") }
    }

    func run() async throws {
        var request = CalibrationRequest(date: date, due: due, certificate: nil, sha256: nil, asFound: asFound)
        if let certificate {
            request.certificate = EvidenceFile.name(of: certificate)
            request.sha256 = try EvidenceFile.digest(of: certificate)
        }
        let allowed = CharacterSet.alphanumerics.union(["-", "_", "."])
        let escaped = meter.addingPercentEncoding(withAllowedCharacters: allowed) ?? meter
        _ = try await plant.daemon(for: "calibration add")
            .post("/v1/meters/\(escaped)/calibration", JSONEncoder().encode(request)) { try StandardStreams.output($0) }
    }
}

/// `emsctl calibration list [METER]`
struct CalibrationListVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The checks on record, and from when on a failed one makes readings doubtful.")

    @Argument(help: "The meter; absent: all.")
    var meter: String?

    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws { try await plant.manage(.calibrations, name: meter, on: form) }
}

/// `emsctl calibration suspect [METER|POINT]`
struct CalibrationSuspectVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspect",
        abstract:
            "The windows and verdicts that rest on what a meter measured between its last good and a failed check.")

    @Argument(help: "The meter, or the point of a drift chart; absent: all.")
    var name: String?

    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws { try await plant.manage(.suspect, name: name, on: form) }
}

/// `emsctl calibration weeks [INDICATOR]`
struct CalibrationWeeksVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weeks",
        abstract: "How many values of each week are outside the valid range of their calibration function (EN 14181).",
        discussion:
            "More than 40 % in one week, or more than 5 % in a sixth week since the last good check, and the function is to be "
            + "found anew.")

    @Argument(help: "The indicator; absent: all that have a 'calibration' with a 'valid' range.")
    var indicator: String?

    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws { try await plant.manage(.weeks, name: indicator, on: form) }
}
