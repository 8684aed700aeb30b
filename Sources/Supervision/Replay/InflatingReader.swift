import CZlib
import Foundation

/// Reads a file piece by piece, and inflates it on the way where it is gzip'd.
final class InflatingReader {
    private let file: gzFile
    private let path: String

    /// Opens the file; throws a sentence that names it.
    init(path: String) throws(ReadingFileFault) {
        guard let file = gzopen(path, "rb") else {
            throw ReadingFileFault(
                file: path, line: nil, message: "cannot be opened: \(String(cString: strerror(errno)))", isInput: false)
        }
        self.path = path
        self.file = file
        gzbuffer(file, 1 << 18)
    }

    deinit { gzclose(file) }

    /// Fills the buffer as far as there is something; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadingFileFault) -> Int {
        let count = gzread(file, buffer.baseAddress, UInt32(buffer.count))
        if count < 0 {
            var code: Int32 = 0
            let reason = gzerror(file, &code).map { String(cString: $0) } ?? "unknown"
            throw ReadingFileFault(
                file: path, line: nil, message: "cannot be read: \(reason)", isInput: code != Z_ERRNO)
        }
        return Int(count)
    }
}
