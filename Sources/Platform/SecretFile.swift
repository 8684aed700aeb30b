import Glibc

/// A password or token in a file that others cannot read: it is read when it is needed, and never shown.
///
/// ```
/// let password = try SecretFile.line("/etc/emsd/postgres.password")
/// ```
package enum SecretFile {
    /// Why it cannot be had, as a sentence that says what to do.
    package struct Fault: Error, CustomStringConvertible {
        package let description: String

        /// A reason.
        package init(_ description: String) { self.description = description }
    }

    /// The one line in the file, without its end.
    package static func line(_ path: String) throws(Fault) -> String {
        let text = try text(path).trimmingBlanks
        guard !text.isEmpty, !text.contains(where: \.isNewline) else {
            throw Fault("the secret in \(path) is not one line of text")
        }
        return text
    }

    /// The whole of the file, of which more than 64 KiB are none.
    package static func text(_ path: String) throws(Fault) -> String {
        // A pipe that nobody writes into would be waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw Fault("the secret in \(path) cannot be read: \(SystemFault.text(errno))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Fault("the secret in \(path) is no file")
        }
        guard status.st_mode & 0o007 == 0 else {
            throw Fault(
                "the secret in \(path) can be read by everybody: chmod o= \(path), and make a new one")
        }
        var bytes = [UInt8](repeating: 0, count: 65_537)
        var count = 0
        while count < bytes.count {
            let more = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + count, $0.count - count) }
            guard more >= 0 else { throw Fault("the secret in \(path) cannot be read: \(SystemFault.text(errno))") }
            if more == 0 { break }
            count += more
        }
        guard count < bytes.count else { throw Fault("the secret in \(path) is longer than 64 KiB") }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        let front = drop { $0.isWhitespace }
        let end = front.lastIndex { !$0.isWhitespace }
        return end.map { String(front[...$0]) } ?? ""
    }
}
