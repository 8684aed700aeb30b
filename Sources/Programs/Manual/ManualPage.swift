import Foundation
import PlantAPI

/// Manual pages in roff, made from the texts of `--help` and of the project's Markdown.
package enum ManualPage {
    /// The manual page of a program from its own description (`--experimental-dump-help`).
    ///
    /// `also`: other pages that belong to it. Throws a ``CommandError`` (74) where the description cannot be read.
    package static func page(of description: String, section: Int, also: [String]) throws -> String {
        guard let document = try? JSONDecoder().decode(CommandInformation.Document.self, from: Data(description.utf8))
        else { throw CommandError(.inputOutput, "the program's description of itself cannot be read") }
        let command = document.command
        var page = head(command.commandName, section)
        page += ".SH NAME\n\(escaped(command.commandName)) \\- \(escaped(command.abstract ?? ""))\n"
        page += ".SH SYNOPSIS\n.B \(escaped(command.commandName))\n"
        let verbs = (command.subcommands ?? []).filter { $0.commandName != "help" && $0.shouldDisplay != false }
        page += verbs.isEmpty ? "[\\fIoptions\\fR]\n" : "\\fIverb\\fR [\\fIoptions\\fR]\n"
        if let discussion = command.discussion { page += ".SH DESCRIPTION\n\(paragraphs(discussion))" }
        if !verbs.isEmpty { page += ".SH VERBS\n" + verbs.map { verb($0, of: "") }.joined() }
        let own = options(command)
        if !own.isEmpty { page += ".SH OPTIONS\n\(own)" }
        page +=
            ".SH EXIT STATUS\n0 done; 1 done, and what was looked at is not in order; 64 usage; 65 bad data or an unknown name; "
        page +=
            "69 no daemon; 73 cannot create; 74 input or output failed; 77 not permitted; 78 the configuration is broken.\n"
        page += ".SH SEE ALSO\n" + also.map { ".BR \($0)" }.joined(separator: ",\n") + "\n"
        return page
    }

    static func head(_ name: String, _ section: Int) -> String {
        ".TH \(name.uppercased()) \(section) \"\(ProgramVersion.day)\" \"emsd \(ProgramVersion.text)\"\n"
    }

    private static func verb(_ command: CommandInformation, of above: String) -> String {
        let name = above + command.commandName
        let below = (command.subcommands ?? []).filter { $0.commandName != "help" && $0.shouldDisplay != false }
        guard below.isEmpty else { return below.map { verb($0, of: name + " ") }.joined() }
        let positional = (command.arguments ?? []).filter { $0.kind == "positional" && $0.shouldDisplay }
        let values = positional.map { argument -> String in
            let value = "\\fI\(escaped(argument.valueName ?? "value"))\\fR" + (argument.isRepeating ? " ..." : "")
            return argument.isOptional ? "[\(value)]" : value
        }
        var text = ".SS \(escaped(name)) \(values.joined(separator: " "))\n\(escaped(command.abstract ?? ""))\n"
        if let discussion = command.discussion, !discussion.isEmpty { text += ".PP\n\(paragraphs(discussion))" }
        return text + options(command)
    }

    private static func options(_ command: CommandInformation) -> String {
        (command.arguments ?? []).filter {
            $0.shouldDisplay && !["version", "help"].contains($0.preferredName?.name ?? "")
        }
        .map { argument -> String in
            let value = "\\fI\(escaped(argument.valueName ?? "value"))\\fR"
            let names = (argument.names ?? []).map { "\\fB\(escaped($0.typed))\\fR" }.joined(separator: ", ")
            let typed = argument.kind == "positional" ? value : argument.kind == "option" ? "\(names) \(value)" : names
            let usual = argument.defaultValue.map { " (default: \($0))" } ?? ""
            return ".TP\n\(typed)\n\(escaped((argument.abstract ?? "") + usual))\n"
        }.joined()
    }

    private static func paragraphs(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? ".PP" : escaped(String($0)) }
            .joined(separator: "\n") + "\n"
    }

    static func escaped(_ text: String, startsLine: Bool = true) -> String {
        var safe = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
        // A line that begins so would be a request of roff.
        if startsLine, safe.hasPrefix(".") || safe.hasPrefix("'") { safe = "\\&" + safe }
        return safe
    }
}
