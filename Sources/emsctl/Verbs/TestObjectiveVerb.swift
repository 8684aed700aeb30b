import ArgumentParser
import Foundation
import Listings
import PlantAPI
import Programs

/// `emsctl test-objective FILE|NAME`
struct TestObjectiveVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test-objective",
        abstract: "What objectives would have raised over the record; nothing is raised or stored.",
        discussion: """
            A NAME is an objective of the configuration in force. A FILE has objectives (and perhaps indicators, derived \
            points and calendars) that are added to it, each in the place of one of the same name; or it is a whole \
            configuration. Rows: each nonconformity, how many windows had which verdict, and the window met that came \
            nearest to its limit.
            """)

    @Argument(help: "A file with objectives, or the name of one.")
    var subject: String

    @OptionGroup var stretch: StretchOptions
    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws {
        var request = TrialRequest(since: stretch.since, until: stretch.until)
        if FileManager.default.fileExists(atPath: subject) {
            guard let bytes = FileManager.default.contents(atPath: subject) else {
                throw CommandError(.inputOutput, "cannot read \(subject)")
            }
            (request.text, request.path) = (String(decoding: bytes, as: UTF8.self), subject)
        } else if subject.contains("/") || subject.contains(".") {
            throw CommandError(.inputOutput, "there is no file \(subject)")
        } else {
            request.name = subject
        }
        try await plant.tryOut(request, on: form) { try StandardStreams.output($0) }
    }
}
