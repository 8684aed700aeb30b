/// A text that is fit for one line of a terminal or of a text log: nothing in it moves the cursor, rings, turns the
/// direction of writing or begins another line.
///
/// Texts of operators, devices and configurations become one before they are shown to people. Control characters (ESC,
/// BEL, C1 …), marks of direction, invisible characters and line breaks are shown as JSON writes them (`\u001b`,
/// `\n`); all else stays, so that what is fit already is not changed by being made fit again. JSON and the database
/// keep the text as it was given.
package struct ShownText: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringInterpolation {
    /// What is shown.
    package let text: String

    /// The text as it may be shown on one line.
    package init(_ raw: some StringProtocol) {
        text = ShownText.isPlain(raw) ? String(raw) : ShownText.escaped(raw)
    }

    package init(stringLiteral value: String) { self.init(value) }

    /// A text of several lines as it may be shown below each other: the first as it is, each further one indented, so
    /// that it cannot pass for a line of the program's own.
    package static func lines(_ raw: String, indentation: Int) -> [ShownText] {
        let parts = raw.split(omittingEmptySubsequences: false) { $0.isNewline }
        let blanks = String(repeating: " ", count: indentation)
        return parts.enumerated().map { ShownText($0 == 0 ? String($1) : blanks + $1) }
    }

    package var description: String { text }

    /// Whether the character is shown by its number; its code as JSON writes it.
    static func escape(_ scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        // Persian and Indian scripts are written with these two.
        case "\u{200C}", "\u{200D}": return nil
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
            return String(scalar).utf16.map { "\\u" + $0.hexadecimal }.joined()
        default: return nil
        }
    }

    private static func isPlain(_ raw: some StringProtocol) -> Bool {
        raw.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
    }

    private static func escaped(_ raw: some StringProtocol) -> String {
        var text = ""
        for scalar in raw.unicodeScalars {
            if let code = escape(scalar) { text += code } else { text.unicodeScalars.append(scalar) }
        }
        return text
    }
}

extension ShownText {
    /// A JSON document in which those characters that JSON leaves as they are stand by their numbers as well, so that it
    /// may go to a terminal; it says the same.
    package static func json(_ document: String) -> String {
        guard document.utf8.contains(where: { $0 >= 0x7F }) else { return document }
        var text = ""
        for scalar in document.unicodeScalars {
            // Below 0x20 JSON has only the line breaks between its values.
            if scalar.value >= 0x7F, let code = escape(scalar) {
                text += code
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
