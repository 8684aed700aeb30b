import ArgumentParser
import Foundation
import PlantAPI
import Programs

/// `emsctl meter …`
struct MeterVerbs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meter", abstract: "What people declare of a meter.", subcommands: [ExchangeVerb.self])
}

/// `emsctl meter exchange METER`
struct ExchangeVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exchange",
        abstract: "Declares that a meter was exchanged: its counter goes on from the closing to the opening index.",
        discussion:
            "Values since then are revised, and the journal has who declared it and when. Declared once more for the "
            + "same time, the later indexes count; --withdraw takes it back. An exchange may also stand in the "
            + "configuration, as 'exchanges' of the point.")

    @Argument(help: "The counter, e.g. incomer.energy_import, or a meter that has only one.")
    var meter: String

    @Option(
        parsing: .unconditional,
        help: "From when the new meter counts: 2026-11-01T06:00:00Z, 2026-11-01 (local midnight), -24h.")
    var time: String

    @Option(parsing: .unconditional, help: "The old meter's last index, in the point's unit.")
    var closing: Double?

    @Option(parsing: .unconditional, help: "The new meter's first index, in the point's unit.")
    var opening: Double?

    @Option(help: "Why, e.g. the number of the work order.")
    var reason: String?

    @Flag(help: "Takes back what was declared for that time.")
    var withdraw = false

    @OptionGroup var plant: PlantOptions

    func validate() throws {
        if withdraw {
            guard closing == nil, opening == nil else { throw ValidationError("--withdraw needs no indexes") }
        } else if closing == nil || opening == nil {
            throw ValidationError("an exchange needs --closing and --opening; or --withdraw")
        }
        guard closing?.isFinite != false, opening?.isFinite != false else {
            throw ValidationError("an index is a finite number")
        }
    }

    func run() async throws {
        let escaped =
            meter.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(["-", "_", "."])) ?? meter
        let request = ExchangeRequest(time: time, closing: closing, opening: opening, reason: reason)
        _ = try await plant.daemon(for: "meter exchange")
            .post("/v1/meters/\(escaped)/exchange", JSONEncoder().encode(request)) { try StandardStreams.output($0) }
    }
}
