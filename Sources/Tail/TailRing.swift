import DatabaseFile
import Foundation
import Platform

/// The file of the tail: a ring of blocks of the device, written past the page cache and durable when written.
///
/// It is filled with zeros when it is made, so that later writes only replace what is there and the file system has
/// nothing to note of them but the time.
///
/// `@unchecked Sendable`: only one thread writes at a time, which its owner sees to.
///
/// ```
/// let ring = try TailRing(path: TailFiles.path(in: directory), length: 2 << 20)
/// try ring.write([block], from: 1, path: TailFiles.path(in: directory))
/// ```
package final class TailRing: @unchecked Sendable {
    /// The smallest block of any device.
    package static let smallestUnit = 512

    /// Bytes of a block: what the device writes at once, 512 or 4,096.
    package let unit: Int
    /// Blocks in the ring.
    package let slots: Int64
    private let descriptor: Int32
    private let buffer: UnsafeMutableRawPointer
    private static let most = 128

    /// Opens the ring at `path`, and makes it where it is missing or of another length; its blocks have at least
    /// `smallest` bytes.
    package init(path: String, length: Int, smallest: Int = smallestUnit) throws(StoreFault) {
        try TailRing.prepare(path, length)
        let flags = O_RDWR | O_DSYNC | O_CLOEXEC
        var unit = 0
        // The name without underscores only exists for C with GNU extensions.
        var opened = open(path, flags | __O_DIRECT)
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: TailRing.most * 4096, alignment: 4096)
        if opened >= 0 {
            unit = [512, 4096].first { $0 >= smallest && pread(opened, buffer, $0, 0) == $0 } ?? 0
            if unit == 0 { close(opened) }
        }
        if unit == 0 {
            // tmpfs, for one, knows no direct writes.
            opened = open(path, flags)
            unit = smallest
        }
        guard opened >= 0 else {
            buffer.deallocate()
            throw TailRing.fault(path, errno)
        }
        self.buffer = buffer
        self.unit = unit
        descriptor = opened
        slots = Int64(length / unit)
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    /// Brings blocks with consecutive numbers to the disk; they are there when it returns.
    package func write(_ images: [[UInt8]], from sequence: Int64, path: String) throws(StoreFault) {
        var index = 0
        while index < images.count {
            let slot = (sequence + Int64(index)) % slots
            let count = min(images.count - index, TailRing.most * 4096 / unit, Int(slots - slot))
            for image in 0..<count {
                images[index + image].withUnsafeBytes {
                    (buffer + image * unit).copyMemory(from: $0.baseAddress!, byteCount: unit)
                }
            }
            guard pwrite(descriptor, buffer, count * unit, off_t(slot) * off_t(unit)) == count * unit else {
                throw TailRing.fault(path, errno)
            }
            index += count
        }
    }

    private static func prepare(_ path: String, _ length: Int) throws(StoreFault) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw fault(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_size == length { return }
        let zeros = [UInt8](repeating: 0, count: length)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, zeros, length, 0) == length, fsync(descriptor) == 0
        else {
            let cause = errno
            unlink(path)
            throw fault(path, cause)
        }
        do { try StoreConnection.sync((path as NSString).deletingLastPathComponent) } catch {
            throw StoreFault(error, path: path)
        }
    }

    private static func fault(_ path: String, _ cause: Int32) -> StoreFault {
        StoreFault(
            .io,
            "the tail \(path) cannot be written (\(SystemFault.text(cause))), so each round is committed "
                + "to the database, which wears the disk more: check space, owner and disk")
    }
}
