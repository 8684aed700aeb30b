import Foundation
import Metering
import PlantAPI
import Platform

/// The program's standard output and standard error, written without buffers of the C library.
package enum StandardStreams {
    /// Takes the numbers of standard streams that were closed before the start (`emsd run 2>&-`), so that no file, socket or
    /// clock gets them and is written into; to be called before anything is opened.
    ///
    /// Reading and writing them fails as before (EBADF), for each is open only in the other direction.
    package static func keepNumbers() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// Keeps libdispatch from logging each thread that may not set its priority, as under the systemd unit, and lets a
    /// reader that hangs up be an error of the write and not the end; to be called first of all.
    package static func silenceRuntime() {
        setenv("LIBDISPATCH_LOG", "NO", 0)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Writes results to standard output.
    ///
    /// Throws a ``CommandError`` (74) where it is closed or its disk is full, and ``ReaderHungUp`` where whoever read it has
    /// had enough.
    package static func output(_ bytes: some Collection<UInt8>) throws {
        let written = Array(bytes).withUnsafeBytes { write(all: $0, to: STDOUT_FILENO) }
        if written == EPIPE { throw ReaderHungUp() }
        guard written == 0 else {
            throw CommandError(.inputOutput, "cannot write to standard output: \(SystemFault.text(written))")
        }
    }

    /// Writes lines to standard output; throws as ``output(_:)-(Collection<UInt8>)``.
    package static func output(lines: [ShownText]) throws {
        try output(Array(lines.map { $0.text + "\n" }.joined().utf8))
    }

    /// Writes one line to standard error, whatever is in the text; a closed standard error is nobody's fault and changes
    /// nothing.
    package static func complain(_ line: String) {
        _ = Array((ShownText(line).text + "\n").utf8).withUnsafeBytes { write(all: $0, to: STDERR_FILENO) }
    }

    /// Writes a text of several lines to standard error, line by line.
    package static func complain(lines: [UInt8]) {
        for line in String(decoding: lines, as: UTF8.self).split(separator: "\n") { complain(String(line)) }
    }

    /// Shows how far something has come in the one line of a terminal that it has; the empty text takes it away.
    package static func progress(_ text: String) {
        _ = Array("\r\u{1B}[K\(ShownText(text).text)".utf8).withUnsafeBytes { write(all: $0, to: STDERR_FILENO) }
    }

    /// Writes all of it; returns the error number of what failed, 0 where nothing did.
    static func write(all bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
        var rest = bytes
        while !rest.isEmpty {
            let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
            if count < 0 {
                let fault = errno
                if fault == EINTR { continue }
                return fault
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
        return 0
    }
}

/// Whoever read the results has had enough (`emsctl nc show … | head`): a quiet end with status 0 for every verb.
package struct ReaderHungUp: Error {
    package init() {}
}
