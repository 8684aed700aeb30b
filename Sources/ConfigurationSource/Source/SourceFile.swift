import Foundation
import Platform

/// Reads the bytes of a configuration or profile, or says in one sentence why that is not possible.
package enum SourceFile {
    /// More than any plant's configuration has; a wrong file (a database, a log) is refused before it is parsed.
    private static let largest = 16 << 20

    /// Why a file cannot be a configuration; the mark's line and column are 1 where the whole file is meant.
    package struct Refusal: Error {
        /// From 1.
        package var line = 1
        /// From 1, in characters.
        package var column = 1
        /// One sentence without a full stop.
        package var message: String
    }

    /// The text of the file at that path.
    package static func read(_ path: String) throws(Refusal) -> SourceText {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Refusal(message: "cannot open the file: \(reason(errno))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Refusal(message: "cannot read the file: \(reason(errno))") }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw Refusal(message: "is a directory, not a configuration file")
        // A pipe is how a shell passes `<(…)`; reading stops at the limit, so that /dev/zero ends too.
        case S_IFIFO, S_IFCHR: _ = fcntl(descriptor, F_SETFL, 0)
        default: throw Refusal(message: "is not a regular file")
        }
        let bytes = try contents(of: descriptor)
        if let encoding = wideEncoding(bytes) {
            throw Refusal(message: "the file is \(encoding), not UTF-8: save it with the encoding UTF-8")
        }
        if let offset = firstInvalidByte(bytes) {
            let mark = SourceText(path: path, bytes: Array(bytes.prefix(offset))).mark(atByte: offset)
            throw Refusal(
                line: mark.line, column: mark.column, message: "the file is not UTF-8 text: save it with that encoding")
        }
        return SourceText(path: path, bytes: bytes)
    }

    private static func contents(of descriptor: Int32) throws(Refusal) -> [UInt8] {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Foundation.read(descriptor, &block, block.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw Refusal(message: "cannot read the file: \(reason(errno))")
            }
            if count == 0 { return bytes }
            bytes.append(contentsOf: block.prefix(count))
            if bytes.count > largest {
                throw Refusal(message: "the file is larger than 16 MB, which no configuration is")
            }
        }
    }

    private static func reason(_ code: Int32) -> String {
        switch code {
        case ENOENT, ENOTDIR: "there is no such file"
        case EACCES, EPERM: "permission denied"
        default: SystemFault.text(code)
        }
    }

    /// The name of an encoding with more than one byte a letter; nil where it is none.
    private static func wideEncoding(_ bytes: [UInt8]) -> String? {
        let begin = Array(bytes.prefix(4))
        if begin == [0xFF, 0xFE, 0, 0] || begin == [0, 0, 0xFE, 0xFF] { return "UTF-32" }
        if begin.starts(with: [0xFF, 0xFE]) || begin.starts(with: [0xFE, 0xFF]) { return "UTF-16" }
        // Without a mark it shows in the plain letters that every configuration begins with.
        let zeros = begin.map { $0 == 0 }
        return zeros == [false, true, false, true] || zeros == [true, false, true, false] ? "UTF-16" : nil
    }

    private static func firstInvalidByte(_ bytes: [UInt8]) -> Int? {
        if String(validating: bytes, as: UTF8.self) != nil { return nil }
        var decoder = UTF8()
        var input = bytes.makeIterator()
        var offset = 0
        while case .scalarValue(let scalar) = decoder.decode(&input) { offset += UTF8.width(scalar) }
        return min(offset, bytes.count)
    }
}
