import ConfigurationSource
import PlantAPI
import PlantConfiguration

/// The verbs of a program, to tell a mistyped one from its arguments.
///
/// ```
/// let verbs = VerbNames("emsctl", [VerbNames("status"), VerbNames("nc", [VerbNames("list"), VerbNames("show")])])
/// try verbs.check(["nc", "shwo"])  // throws: there is no verb 'shwo' (did you mean 'show'?): …
/// ```
package struct VerbNames: Sendable {
    /// The verb.
    package var name: String
    /// The verbs below it; none: what follows are its arguments.
    package var verbs: [VerbNames]

    /// A verb, or a program, with the verbs below it.
    package init(_ name: String, _ verbs: [VerbNames] = []) {
        self.name = name
        self.verbs = verbs
    }

    /// Throws a ``CommandError`` (64) with the nearest verb where the arguments begin with a word that is none; what begins with
    /// a dash is left to whoever reads the options.
    package func check(_ arguments: some Collection<String>) throws {
        guard !verbs.isEmpty, let word = arguments.first, !word.hasPrefix("-") else { return }
        if word == "help" { return try check(arguments.dropFirst()) }
        if let verb = verbs.first(where: { $0.name == word }) {
            return try VerbNames("\(name) \(verb.name)", verb.verbs).check(arguments.dropFirst())
        }
        let hint = NearestName.hint(for: word, among: verbs.map(\.name))
        throw CommandError(.usage, "there is no verb '\(word)'\(hint): '\(help)' lists them")
    }

    /// The command that lists the verbs below.
    private var help: String {
        let words = name.split(separator: " ", maxSplits: 1)
        return (words.prefix(1) + ["help"] + words.dropFirst()).joined(separator: " ")
    }
}
