/// Finds spaces that look like blanks where YAML wants blanks: what is indented or parted with them means something else.
package enum OddSpaces {
    /// Says each line with such a space, once, at its place; whether there was one.
    ///
    /// Inside a text they are what they are, and nobody's fault.
    package static func report(_ source: SourceText, to log: FaultLog) -> Bool {
        var isFound = false
        for (index, line) in source.lines.enumerated() where !line.utf8.allSatisfy({ $0 < 0x80 }) {
            guard let (column, name) = first(in: Array(line.unicodeScalars)) else { continue }
            isFound = true
            log.error(
                SourceMark(source, line: index + 1, column: column + 1),
                "a \(name) stands here, which looks like a blank and is none: write a plain blank")
        }
        return isFound
    }

    private static func first(in line: [Unicode.Scalar]) -> (column: Int, name: String)? {
        var quote: Unicode.Scalar?
        for (index, scalar) in line.enumerated() {
            if let open = quote {
                if scalar == open { quote = nil }
                continue
            }
            let before = line[..<index].last { $0 != " " && CommonSlip.oddSpace($0) == nil }
            if scalar == "#", index == 0 || line[index - 1] == " " { return nil }
            if scalar == "'" || scalar == "\"", before.map({ ":,[{-".unicodeScalars.contains($0) }) ?? true {
                quote = scalar
                continue
            }
            guard let name = CommonSlip.oddSpace(scalar) else { continue }
            let after = line[index...].first { $0 != " " && CommonSlip.oddSpace($0) == nil }
            let isAtEdge = before.map { ":,[{-".unicodeScalars.contains($0) } ?? true
            if isAtEdge || after.map({ ":,]}".unicodeScalars.contains($0) }) ?? true { return (index, name) }
        }
        return nil
    }
}
