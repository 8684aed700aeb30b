extension ShownText {
    /// The least width of a screen that is folded to.
    private static let narrowest = 40

    /// The text over as many lines as a screen of that width needs, each further one indented; nil: one line.
    ///
    /// It is broken at blanks, and a word that is longer than a line stays whole. A command is broken before its options, with a
    /// backslash behind each line, so that it can be copied as it stands.
    package func folded(to width: Int?, indentation: Int, isCommand: Bool = false) -> [ShownText] {
        guard let width, width >= ShownText.narrowest, self.width > width else { return [self] }
        var parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        if isCommand {
            parts = parts.reduce(into: []) { joined, word in
                if word.hasPrefix("--") || joined.isEmpty {
                    joined.append(word)
                } else {
                    joined[joined.count - 1] += " " + word
                }
            }
        }
        let room = isCommand ? width - 2 : width
        let blanks = String(repeating: " ", count: indentation)
        var lines: [String] = []
        var line: String?
        for part in parts {
            guard let begun = line else {
                line = part
                continue
            }
            let longer = begun + " " + part
            if ShownText(longer).width <= room || begun.allSatisfy({ $0 == " " }) {
                line = longer
            } else {
                lines.append(begun)
                line = part.isEmpty ? blanks : blanks + part
            }
        }
        if let line, !line.allSatisfy({ $0 == " " }) { lines.append(line) }
        return lines.enumerated().map { ShownText(isCommand && $0 < lines.count - 1 ? $1 + " \\" : $1) }
    }
}
