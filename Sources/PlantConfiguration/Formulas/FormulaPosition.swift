import ConfigurationSource

/// Finds the place in the file of a character inside a value.
enum FormulaPosition {
    /// The place of the character at `offset` of the value's text; the value's start where it cannot be told.
    static func mark(of offset: Int, in node: YamlNode) -> SourceMark {
        guard let scalar = node.scalar, offset >= 0, offset <= scalar.text.count else { return node.mark }
        let scalars = scalar.text.prefix(offset).unicodeScalars.count
        let start = node.mark
        let lines = start.source.lines
        guard lines.indices.contains(start.line - 1) else { return start }
        if scalar.style != .block, scalar.endLine == start.line {
            let rest = Array(lines[start.line - 1].unicodeScalars.dropFirst(start.column - 1))
            guard let column = column(of: scalars, in: rest, scalar.style) else { return start }
            return SourceMark(start.source, line: start.line, column: start.column + column)
        }
        return placeInLines(of: scalars, scalar, start) ?? start
    }

    /// Scalars from the value's first one, quote included, to the one that is number `offset` of its text.
    private static func column(of offset: Int, in raw: [Unicode.Scalar], _ style: YamlScalar.Style) -> Int? {
        switch style {
        case .plain: return offset
        case .block: return nil
        case .singleQuoted:
            // A value that only a tag made text has no quotes.
            guard raw.first == "'" else { return offset }
            var column = 1
            for _ in 0..<offset { column += raw[column...].starts(with: "''".unicodeScalars) ? 2 : 1 }
            return column
        case .doubleQuoted:
            var column = 1
            for _ in 0..<offset {
                guard column + 1 < raw.count else { return nil }
                guard raw[column] == "\\" else {
                    column += 1
                    continue
                }
                switch raw[column + 1] {
                case "x": column += 4
                case "u": column += 6
                case "U": column += 10
                default: column += 2
                }
            }
            return column
        }
    }

    /// Where the value is the trimmed lines joined by a blank or a line's end, the place is known in the same way.
    private static func placeInLines(of offset: Int, _ scalar: YamlScalar, _ start: SourceMark) -> SourceMark? {
        let lines = start.source.lines
        // A block's indicator (`>` or `|`) stands on the line before the text.
        let first = scalar.style == .block ? start.line : start.line - 1
        var passed = 0
        for index in first..<max(first, min(scalar.endLine, lines.count)) {
            var line = Array(lines[index].unicodeScalars)
            var indent = 0
            if index == start.line - 1 {
                indent = start.column - 1 + (scalar.style == .plain ? 0 : 1)
                line.removeFirst(min(indent, line.count))
            } else {
                indent = line.prefix { $0 == " " || $0 == "\t" }.count
                line.removeFirst(indent)
            }
            while let last = line.last, last == " " || last == "\t" { line.removeLast() }
            let text = scalar.text.unicodeScalars.dropFirst(passed)
            if line.isEmpty { return nil }
            let closes = scalar.style != .block && index == scalar.endLine - 1
            if closes, scalar.style != .plain { line = Array(line.prefix(text.count)) }
            let matching = zip(text, line).prefix { $0 == $1 }.count
            if offset - passed < matching {
                return SourceMark(start.source, line: index + 1, column: indent + offset - passed + 1)
            }
            guard matching == line.count || closes else { return nil }
            passed += line.count + 1
        }
        return nil
    }
}
