import ArgumentParser
import PlantAPI

/// `emsctl register [--gaps]`
struct RegisterVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: "Policy, context, aspects, obligations, objectives, indicators, meters and people as one tree.")

    @Flag(help: "Shows what the register lacks instead: owners, plans, indicators, calibrations, reviews.")
    var gaps = false

    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws { try await plant.manage(gaps ? .gaps : .register, name: nil, on: form) }
}
