import ArgumentParser
import Commissioning
import Foundation
import PlantAPI
import Programs

/// Which line is asked, and through whom.
struct LineOptions: ParsableArguments {
    @Argument(
        help: """
            A link of the running daemon, which asks between its polls; with --config a link of that file; or without \
            a daemon a serial device (/dev/ttyUSB0) or an address (10.0.0.7:502).
            """)
    var link: String

    @Option(help: "Opens the link of this configuration itself; for when no daemon runs.")
    var config: String?

    @Option(help: "Another rate than the configured one (without a daemon).")
    var baud: Int?

    @Option(help: "Another parity: none, even or odd (without a daemon).")
    var parity: String?

    @Option(help: "1 or 2 (without a daemon).")
    var stopBits: Int?

    @Option(help: "Milliseconds to wait for an answer (without a daemon).")
    var timeout: Int64?

    /// Whether the line is opened here.
    var isDirect: Bool { config != nil || LineCommissioning.isAddress(link) }

    /// The link's name in a request's path.
    var escaped: String { link.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? link }

    func validate() throws {
        if let timeout, !(1...60_000).contains(timeout) { throw ValidationError("--timeout takes 1 to 60000 ms") }
        if !isDirect, baud != nil || parity != nil || stopBits != nil || timeout != nil {
            throw ValidationError(
                "the daemon asks with the link's own settings: to try others stop it, and give --config or the device")
        }
    }

    /// The line, opened here.
    func open() throws -> LineCommissioning {
        try LineCommissioning(
            direct: link,
            LineCommissioning.LineSettings(
                configuration: config, baud: baud, parity: parity, stopBits: stopBits, timeout: timeout),
            warn: StandardStreams.complain)
    }

    /// Lets the daemon ask.
    func post(_ what: String, _ request: some Encodable, _ plant: PlantOptions, _ form: FormatOption) async throws {
        _ = try await plant.daemon(for: what).post(
            "/v1/links/\(escaped)/\(what)?format=\(form.format.rawValue)", try JSONEncoder().encode(request)
        ) { try StandardStreams.output($0) }
    }
}

/// `emsctl probe LINK --unit N --register "input 1000"`
struct ProbeVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Reads a block and shows what it says in every type and order, the likeliest first; it only reads.")

    @OptionGroup var line: LineOptions

    @Option(help: "The unit.")
    var unit: Int

    @Option(help: "The first register: 'input 1000', 'holding 0x34', or a reference such as 40001.")
    var register: String

    @Option(help: "How many registers (or bits).")
    var count = 10

    @Flag(help: "Shows every way, not only the three likeliest of each address.")
    var all = false

    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws {
        let request = ProbeRequest(unit: unit, register: register, count: count, all: all)
        guard line.isDirect else { return try await line.post("probe", request, plant, form) }
        try line.open().probe(request, format: form.format) { try StandardStreams.output($0) }
    }
}
