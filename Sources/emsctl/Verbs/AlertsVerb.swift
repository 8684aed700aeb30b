import ArgumentParser
import Foundation
import Supervision

/// `emsctl alerts [-f]`
struct AlertsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "alerts", abstract: "The alert stream.")

    @Flag(name: [.customShort("f"), .long], help: "Goes on showing alerts as they come, one a line.")
    var follow = false

    @OptionGroup var stretch: StretchOptions
    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws {
        if !follow {
            return try await plant.show(
                Inquiry(.alerts, since: stretch.since, until: stretch.until, format: form.format))
        }
        let daemon = try plant.daemon(for: "alerts -f")
        var stream = AlertFollower(format: form.format)
        _ = try await daemon.get("/v1/events") { try stream.take($0) }
    }
}

/// Shows the alerts of a stream of server-sent events: JSON lines, or text for people.
private struct AlertFollower {
    let format: ListingFormat
    private var line: [UInt8] = []

    init(format: ListingFormat) { self.format = format }

    mutating func take(_ bytes: [UInt8]) throws {
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                continue
            }
            let prefix = format == .table ? "text: " : "data: "
            let text = String(decoding: line, as: UTF8.self)
            if text.hasPrefix(prefix) { try StandardStreams.output(Array((text.dropFirst(prefix.count) + "\n").utf8)) }
            line = []
        }
    }
}
