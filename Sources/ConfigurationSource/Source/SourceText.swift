/// A file of the configuration, as it was read.
package final class SourceText: Sendable {
    /// The path by which faults name it.
    package let path: String
    /// The bytes, which are UTF-8.
    package let bytes: [UInt8]
    /// Bytes of the byte order mark that Windows programs put before a text: 3 or 0.
    package let markLength: Int
    /// Its lines without their ends, to find a place inside a value again.
    package let lines: [String]

    /// The text of a file.
    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        self.markLength = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        self.lines = bytes.dropFirst(markLength).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { line in
                String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
            }
    }

    /// The place of a byte.
    package func mark(atByte offset: Int) -> SourceMark {
        let before = bytes.prefix(offset)
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? min(markLength, before.count)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let column = String(decoding: before[lineStart...], as: UTF8.self).unicodeScalars.count + 1
        return SourceMark(self, line: line, column: column)
    }
}

/// A place in a file of the configuration.
package struct SourceMark: Sendable {
    package let source: SourceText
    /// From 1.
    package let line: Int
    /// From 1, in Unicode scalars.
    package let column: Int

    /// A place in a file.
    package init(_ source: SourceText, line: Int, column: Int) {
        self.source = source
        self.line = line
        self.column = column
    }
}
