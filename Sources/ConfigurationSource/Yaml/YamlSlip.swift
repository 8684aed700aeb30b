/// Where and how a text that is not YAML was probably meant, by what libyaml says of it.
package enum YamlSlip {
    /// A line without its colon, which libyaml notices only lines later; nil where it is something else.
    ///
    /// `context` is where the thing begins that libyaml could not read on.
    package static func missingColon(_ problem: String, at mark: SourceMark, context: SourceMark?) -> YamlEvents.Break?
    {
        let lines = mark.source.lines
        if problem.contains("could not find expected ':'"), let context, lines.indices.contains(context.line - 1) {
            return colon(missingIn: lines[context.line - 1], context)
        }
        let isAfterKey = problem.contains("mapping values are not allowed")
        guard isAfterKey || problem.contains("did not find expected key"), lines.indices.contains(mark.line - 1) else {
            return nil
        }
        let before = String(String.UnicodeScalarView(lines[mark.line - 1].unicodeScalars.prefix(mark.column - 1)))
        guard !before.contains(": "), let above = lines[..<(mark.line - 1)].lastIndex(where: { !bare($0).isEmpty })
        else {
            return nil
        }
        let text = bare(lines[above])
        guard indent(lines[above]) < indent(lines[mark.line - 1]) else { return nil }
        let place = SourceMark(mark.source, line: above + 1, column: indent(lines[above]) + 1)
        if !text.contains(":") { return colon(missingIn: lines[above], place) }
        guard isAfterKey, text.contains(": "), let last = text.unicodeScalars.last,
            !":,{[>|".unicodeScalars.contains(last)
        else {
            return nil
        }
        let begin = SourceMark(mark.source, line: mark.line, column: indent(lines[mark.line - 1]) + 1)
        return YamlEvents.Break(
            mark: begin,
            message: "broken YAML: this line is indented deeper than the one above it, which has a value already: "
                + "write both with the same indentation")
    }

    private static func colon(missingIn line: String, _ mark: SourceMark) -> YamlEvents.Break {
        let text = bare(line)
        let item = text.hasPrefix("- ") ? text.dropFirst(2).drop { $0 == " " } : text[...]
        let words = item.split(separator: " ", maxSplits: 1).map { String($0.prefix(60)) }
        let key = words.first ?? ""
        let message: String
        if words.count == 1, let colon = key.firstIndex(of: ":"), key.index(after: colon) < key.endIndex {
            message = "a blank is missing behind the ':': write '\(key[...colon]) \(key[key.index(after: colon)...])'"
        } else if words.count == 2 {
            message = "'\(key)' has no ':' behind it: write '\(key): \(words[1])'"
        } else {
            message = "'\(key)' has no ':' behind it: write '\(key):'"
        }
        return YamlEvents.Break(mark: mark, message: "broken YAML: " + message)
    }

    /// A line without indentation and comment.
    private static func bare(_ line: String) -> String {
        var text = line[...]
        if let comment = text.firstRange(of: " #") { text = text[..<comment.lowerBound] }
        let trimmed = text.drop { $0 == " " || $0 == "\t" }
        if trimmed.first == "#" { return "" }
        return String(trimmed.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }

    private static func indent(_ line: String) -> Int { line.prefix { $0 == " " }.count }
}
