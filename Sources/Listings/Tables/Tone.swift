import Metering
import PlantAPI

/// How a word is set off on a terminal; the word says it too.
package enum Tone: String, Sendable, Hashable {
    case plain = ""
    case good = "32"
    case attention = "33"
    case wrong = "31"
    case quiet = "2"
    case strong = "1"
    case alarm = "1;31"

    /// The text in this tone, where the terminal has colours.
    package func paint(_ text: String, _ terminal: TerminalForm) -> String {
        guard terminal.hasColor, self != .plain, !text.isEmpty else { return text }
        return "\u{1B}[\(rawValue)m\(text)\u{1B}[0m"
    }

    /// The tone of a word of verdicts, qualities, severities and conditions; plain for any other.
    package init(of word: String) {
        switch word {
        case "not_met", "bad", "critical", "ongoing", "down": self = .wrong
        case "major", "warning", "uncertain", "insufficient", "undefined", "not_evaluable", "suspect": self = .attention
        case "-": self = .quiet
        default: self = .plain
        }
    }
}
