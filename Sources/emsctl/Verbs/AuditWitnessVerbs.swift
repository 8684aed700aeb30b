import ArgumentParser
import Foundation
import PlantAPI
import Programs

/// `emsctl audit witness`
struct AuditWitnessVerbs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "witness", abstract: "What others say of the site's heads.", subcommands: [AddWitnessVerb.self])
}

/// `emsctl audit witness add`
struct AddWitnessVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Puts a cosignature of a head, or a time stamp over one, on record.",
        discussion: """
            A cosignature is the head as a note with the signature of a witness (C2SP tlog-cosignature). A time stamp is the \
            answer of an authority (RFC 3161): openssl ts -query -data HEAD -sha256 -cert -out HEAD.tsq, sent to the \
            authority. 'emsctl audit verify' checks both; give it the witness's key with --vkey.
            """)

    @Argument(help: "The file with the cosignature or the answer.")
    var file: String

    @OptionGroup var plant: PlantOptions

    func run() async throws {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw CommandError(.inputOutput, "\(file) cannot be read")
        }
        _ = try await plant.daemon(for: "audit witness add").post("/v1/audit/witness", data) {
            try StandardStreams.output($0)
        }
    }
}
