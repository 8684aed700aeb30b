import ArgumentParser
import Foundation
import PlantAPI

/// When words are coloured.
enum ColorChoice: String, CaseIterable, ExpressibleByArgument {
    case auto, always, never
}

/// What standard output is: a screen of some size, or a pipe that takes everything.
enum OutputTerminal {
    /// The form of tables for standard output.
    static func form(wide: Bool, color: ColorChoice) -> TerminalForm {
        let environment = ProcessInfo.processInfo.environment
        let isScreen = isatty(STDOUT_FILENO) == 1
        let isDumb = (environment["TERM"] ?? "").isEmpty || environment["TERM"] == "dumb"
        let isUncoloured = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        let size = isScreen ? size(environment) : (nil, nil)
        return TerminalForm(
            width: wide ? nil : size.0, height: size.1,
            hasColor: color == .always || (color == .auto && isScreen && !isDumb && !isUncoloured),
            isASCII: isScreen && !isUnicode(environment))
    }

    /// Whether the locale says UTF-8.
    static func isUnicode(_ environment: [String: String]) -> Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let name = locale.lowercased()
        return name.contains("utf-8") || name.contains("utf8")
    }

    /// The size of the screen behind standard output; COLUMNS and LINES where it does not say.
    static func size(_ environment: [String: String]) -> (Int?, Int?) {
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0
        func number(_ told: UInt16, _ name: String, _ usual: Int) -> Int {
            if isKnown, told > 0 { return Int(told) }
            return environment[name].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? usual
        }
        return (number(size.ws_col, "COLUMNS", 80), number(size.ws_row, "LINES", 24))
    }
}
