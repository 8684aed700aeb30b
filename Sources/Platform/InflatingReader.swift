import CZlib
import Foundation

/// Reads a file piece by piece, and inflates it on the way where it is gzip'd.
///
/// A compressed file says itself whether all of it is there: one that ends early, whose checksum is wrong, or that goes on
/// with something else is a fault, and never a short recording.
///
/// ```
/// let reader = try InflatingReader(path: "november.csv.gz")
/// var buffer = [UInt8](repeating: 0, count: 65_536)
/// while case let count = try buffer.withUnsafeMutableBytes({ try reader.read(into: $0) }), count > 0 {
///     take(buffer[..<count])
/// }
/// ```
package final class InflatingReader {
    private enum Content {
        case unknown
        case plain
        /// Whether a member is being read, and not the next one, or the end, awaited.
        case compressed(isWithin: Bool)
    }

    private static let capacity = 1 << 18

    private let descriptor: Int32
    private let path: String
    private let input: UnsafeMutablePointer<UInt8>
    private let stream: UnsafeMutablePointer<z_stream>
    private var content = Content.unknown
    private var isInflating = false

    /// Opens the file; throws a sentence that names it.
    package init(path: String) throws(FileFault) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let cause = SystemFault.text(errno)
            throw FileFault(file: path, message: "cannot be opened: \(cause)", isContent: false)
        }
        self.path = path
        input = .allocate(capacity: InflatingReader.capacity)
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
    }

    deinit {
        if isInflating { inflateEnd(stream) }
        stream.deallocate()
        input.deallocate()
        close(descriptor)
    }

    /// Whether the file is compressed, so that its end is known to be its end.
    package var isCompressed: Bool { if case .compressed = content { true } else { false } }

    /// How many bytes of the file were read so far, and how many it has; what comes through a pipe has 0.
    package var progress: (read: Int64, of: Int64) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size > 0 else { return (0, 0) }
        return (Int64(max(0, lseek(descriptor, 0, SEEK_CUR))), Int64(status.st_size))
    }

    /// Fills the buffer as far as there is something; 0 at the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileFault) -> Int {
        if case .unknown = content { try begin() }
        guard isCompressed else { return try readPlain(into: buffer) }
        stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(buffer.count)
        while stream.pointee.avail_out == UInt32(buffer.count) {
            if stream.pointee.avail_in == 0, try !fill() {
                guard case .compressed(isWithin: false) = content else {
                    throw fault("ends too early: its compressed data were cut off")
                }
                return 0
            }
            if case .compressed(isWithin: false) = content, try !beginMember() { continue }
            let code = inflate(stream, Z_NO_FLUSH)
            switch code {
            case Z_OK, Z_BUF_ERROR: break
            case Z_STREAM_END: content = .compressed(isWithin: false)
            default:
                let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(code)"
                throw fault("is damaged: its compressed data do not hold together (\(reason))")
            }
        }
        return buffer.count - Int(stream.pointee.avail_out)
    }

    private func fault(_ message: String) -> FileFault {
        FileFault(file: path, message: message, isContent: true)
    }

    private func begin() throws(FileFault) {
        // A pipe may give its first byte alone.
        while stream.pointee.avail_in < 2, try fill() {}
        guard stream.pointee.avail_in >= 2, input[0] == 0x1f, input[1] == 0x8b else { return content = .plain }
        guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw FileFault(file: path, message: "cannot be inflated: no memory", isContent: false)
        }
        isInflating = true
        content = .compressed(isWithin: true)
    }

    /// Goes on to the next member; false where there are only zeros, which some programs fill up with.
    private func beginMember() throws(FileFault) -> Bool {
        while stream.pointee.avail_in > 0, stream.pointee.next_in.pointee == 0 {
            stream.pointee.next_in += 1
            stream.pointee.avail_in -= 1
        }
        guard stream.pointee.avail_in > 0 else { return false }
        guard stream.pointee.next_in.pointee == 0x1f else {
            throw fault("goes on after the end of its compressed data with something that is not compressed")
        }
        inflateReset(stream)
        content = .compressed(isWithin: true)
        return true
    }

    private func readPlain(into buffer: UnsafeMutableRawBufferPointer) throws(FileFault) -> Int {
        guard stream.pointee.avail_in > 0 else { return try readFile(into: buffer) }
        let count = min(buffer.count, Int(stream.pointee.avail_in))
        buffer.copyMemory(from: UnsafeRawBufferPointer(start: stream.pointee.next_in, count: count))
        stream.pointee.next_in += count
        stream.pointee.avail_in -= UInt32(count)
        return count
    }

    /// Reads more of the file behind what is there of it; false at its end.
    private func fill() throws(FileFault) -> Bool {
        let kept = Int(stream.pointee.avail_in)
        if kept > 0 { memmove(input, stream.pointee.next_in, kept) }
        let count = try readFile(
            into: UnsafeMutableRawBufferPointer(start: input + kept, count: InflatingReader.capacity - kept))
        stream.pointee.next_in = input
        stream.pointee.avail_in = UInt32(kept + count)
        return count > 0
    }

    private func readFile(into buffer: UnsafeMutableRawBufferPointer) throws(FileFault) -> Int {
        while true {
            let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            let cause = errno
            if cause == EINTR { continue }
            throw FileFault(
                file: path, message: "cannot be read: \(SystemFault.text(cause))", isContent: false)
        }
    }
}
