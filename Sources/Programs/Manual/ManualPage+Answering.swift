import Foundation

extension ManualPage {
    /// Writes a manual page where `--generate-manual` asks for one: of the program itself, or with a name (`emsd.yaml`) of the
    /// Markdown on standard input, for section 5. Returns whether it did.
    ///
    /// The description of all verbs is made only then: it takes longer than most verbs.
    package static func answers(
        _ arguments: [String], _ description: @autoclosure () -> String, section: Int, also: [String]
    ) throws -> Bool {
        guard arguments.count > 1, arguments[1] == "--generate-manual" else { return false }
        let page: String
        if arguments.count > 2 {
            let markdown = String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
            page = Self.page(named: arguments[2], section: 5, title: "configuration of emsd", markdown: markdown)
        } else {
            page = try Self.page(of: description(), section: section, also: also)
        }
        try StandardStreams.output(Array(page.utf8))
        return true
    }
}
