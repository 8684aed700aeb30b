import PlantAPI

/// Lets the options that every verb has stand before the verb as well.
enum VerbOrder {
    private static let withValue: Set<String> = ["--socket", "--database", "--format"]
    private static let flags: Set<String> = ["-v", "--verbose"]

    /// The arguments with such options moved behind the others, from before the verb and from between it and the verb below it.
    static func verbFirst(_ arguments: [String]) -> [String] {
        var words: [String] = []
        var moved: [String] = []
        var rest = arguments[...]
        while let first = rest.first {
            if withValue.contains(first), rest.count >= 2 {
                moved += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if flags.contains(first) || withValue.contains(where: { first.hasPrefix($0 + "=") }) {
                moved.append(first)
                rest = rest.dropFirst()
            } else if first.hasPrefix("-") {
                break
            } else {
                words.append(first)
                rest = rest.dropFirst()
            }
        }
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        return words + rest[..<end] + moved + rest[end...]
    }

    /// Throws a ``CommandError`` (64) where a verb that asks neither a daemon nor a database is told which one to ask.
    static func check(_ arguments: [String]) throws {
        guard let verb = arguments.first, let asked = selfContained[verb] else { return }
        for option in ["--socket", "--database"]
        where arguments.prefix(while: { $0 != "--" }).contains(where: { $0 == option || $0.hasPrefix(option + "=") }) {
            throw CommandError(.usage, "'\(verb)' takes no \(option): it \(asked)")
        }
    }

    /// What the verbs work on that need no record.
    private static let selfContained = [
        "check": "reads the file that --config names",
        "qal2": "computes from the pairs in its file",
        "ast": "computes from the pairs in its file",
        "salvage": "takes the damaged database as its argument",
        "fleet": "asks the server that --postgres names",
    ]
}
