import Foundation
import Platform

/// The rows of a CSV file, each as fields that lie in one buffer: commas (or another delimiter), quotes, CR LF, a byte order mark.
///
/// A field holds no line break, also within quotes.
package final class CSVLines {
    private static let capacity = 1 << 20

    package let path: String
    /// The number of the row at hand, from 1, the header included.
    package private(set) var line = 0
    /// The fields of the row at hand.
    package private(set) var fields: [Range<Int>] = []
    /// Whether a quote of the row at hand is not closed.
    package private(set) var isQuoteOpen = false
    /// Whether the row at hand ends with the file and not with a line break.
    package private(set) var isUnended = false
    /// Whether the last field of the row at hand is in quotes.
    package private(set) var isLastQuoted = false

    /// What stands between fields; nil: the first row shows it, a comma unless it has none.
    private var delimiter: UInt8?
    private let reader: InflatingReader
    private let base: UnsafeMutableRawPointer
    private var start = 0
    private var end = 0
    private var isAtEnd = false

    /// Opens a file.
    package init(path: String, delimiter: UInt8? = nil) throws(ReadingFileFault) {
        self.path = path
        self.delimiter = delimiter
        do { reader = try InflatingReader(path: path) } catch { throw ReadingFileFault(error) }
        base = .allocate(byteCount: CSVLines.capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    /// Whether the file says itself where it ends.
    package var isCompressed: Bool { reader.isCompressed }

    /// How many bytes of the file were read so far, and how many it has.
    package var progress: (read: Int64, of: Int64) { reader.progress }

    /// Goes on to the next row that is not empty; false after the last.
    package func next() throws(ReadingFileFault) -> Bool {
        while let row = try nextLine() {
            if row.isEmpty { continue }
            split(row)
            return true
        }
        return false
    }

    /// Passes over lines that stand before the first row, whatever is in them.
    package func skip(_ count: Int) throws(ReadingFileFault) {
        for _ in 0..<count { _ = try nextLine() }
    }

    /// A field without the blanks around it.
    package func trimmed(_ field: Range<Int>) -> Range<Int> {
        func isBlank(_ index: Int) -> Bool {
            let byte = base.load(fromByteOffset: index, as: UInt8.self)
            return byte == 32 || byte == 9
        }
        var (low, high) = (field.lowerBound, field.upperBound)
        while low < high, isBlank(low) { low += 1 }
        while high > low, isBlank(high - 1) { high -= 1 }
        return low..<high
    }

    /// The bytes of a field.
    @inline(__always)
    package func bytes(_ field: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + field.lowerBound, count: field.count)
    }

    /// The text of a field.
    package func text(_ field: Range<Int>) -> String { String(decoding: bytes(field), as: UTF8.self) }

    /// A fault of the file, or of the row at hand.
    package func fault(_ message: String, isInRow: Bool = true) -> ReadingFileFault {
        ReadingFileFault(file: path, line: isInRow ? line : nil, message: message, isInput: true)
    }

    private func split(_ row: Range<Int>) {
        let delimiter = delimiter ?? shownDelimiter(row)
        self.delimiter = delimiter
        fields.removeAll(keepingCapacity: true)
        isQuoteOpen = false
        isLastQuoted = false
        let isPlain = memchr(base + row.lowerBound, Int32(UInt8(ascii: "\"")), row.count) == nil
        var start = row.lowerBound
        for index in row {
            let byte = base.load(fromByteOffset: index, as: UInt8.self)
            if byte == delimiter, !isQuoteOpen {
                fields.append(isPlain ? start..<index : unquoted(start..<index))
                start = index + 1
            } else if byte == UInt8(ascii: "\"") {
                isQuoteOpen.toggle()
            }
        }
        let last = start..<row.upperBound
        fields.append(isPlain ? last : unquoted(last))
        isLastQuoted = fields[fields.count - 1] != last
    }

    private func shownDelimiter(_ row: Range<Int>) -> UInt8 {
        func has(_ byte: UInt8) -> Bool { memchr(base + row.lowerBound, Int32(byte), row.count) != nil }
        let comma = UInt8(ascii: ",")
        return has(comma) ? comma : [UInt8(ascii: ";"), 9].first(where: has) ?? comma
    }

    private func unquoted(_ field: Range<Int>) -> Range<Int> {
        let bytes = bytes(field)
        guard bytes.count >= 2, bytes[0] == UInt8(ascii: "\""), bytes[bytes.count - 1] == UInt8(ascii: "\"") else {
            return field
        }
        return (field.lowerBound + 1)..<(field.upperBound - 1)
    }

    /// The bytes of the next line without its end, as a place in the buffer; nil after the last.
    private func nextLine() throws(ReadingFileFault) -> Range<Int>? {
        var searched = start
        while true {
            if let found = memchr(base + searched, 10, end - searched) {
                let index = found - base
                defer { start = index + 1 }
                line += 1
                return withoutReturn(start..<index)
            }
            searched = end
            if isAtEnd {
                guard start < end else { return nil }
                defer { start = end }
                line += 1
                isUnended = true
                return withoutReturn(start..<end)
            }
            searched -= start
            try refill()
            if line == 0, start == 0 { try lookAtBeginning(&searched) }
        }
    }

    private func withoutReturn(_ row: Range<Int>) -> Range<Int> {
        guard !row.isEmpty, base.load(fromByteOffset: row.upperBound - 1, as: UInt8.self) == 13 else { return row }
        return row.lowerBound..<(row.upperBound - 1)
    }

    /// A byte order mark belongs to the file and not to its first field; other encodings than UTF-8 are refused by name.
    private func lookAtBeginning(_ searched: inout Int) throws(ReadingFileFault) {
        let bytes = UnsafeRawBufferPointer(start: base, count: end)
        func begins(_ mark: [UInt8]) -> Bool { bytes.count >= mark.count && zip(bytes, mark).allSatisfy(==) }
        if begins([0xFF, 0xFE]) || begins([0xFE, 0xFF]) || bytes.prefix(4).contains(0) {
            throw fault("is UTF-16 text, which is not read: save it as UTF-8", isInRow: false)
        }
        if begins([0xEF, 0xBB, 0xBF]) {
            start = 3
            searched = max(searched, 3)
        }
    }

    private func refill() throws(ReadingFileFault) {
        if start > 0 {
            memmove(base, base + start, end - start)
            end -= start
            start = 0
        }
        guard end < CSVLines.capacity else {
            throw ReadingFileFault(
                file: path, line: line + 1, message: "is longer than a megabyte: this is not a recording", isInput: true
            )
        }
        let count: Int
        do throws(FileFault) {
            count = try reader.read(
                into: UnsafeMutableRawBufferPointer(start: base + end, count: CSVLines.capacity - end))
        } catch { throw ReadingFileFault(error) }
        end += count
        isAtEnd = count == 0
    }
}
