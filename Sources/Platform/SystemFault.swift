import Foundation

/// The operating system's words for its error numbers.
package enum SystemFault {
    /// The words for an error number, e.g. `No space left on device`.
    package static func text(_ code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        // strerror itself is not safe among threads.
        guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
