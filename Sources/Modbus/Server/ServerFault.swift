import Glibc

/// Why a simulated plant cannot be served; the description is a sentence.
package struct ServerFault: Error, CustomStringConvertible, Hashable {
    /// The link that cannot be served.
    package var link: String
    package var description: String

    init(_ link: String, _ what: String) {
        self.link = link
        description = "cannot serve link \(link): \(what)"
    }

    /// The fault of a failed system call, from its errno.
    init(_ link: String, _ what: String, errno code: Int32) {
        var text = [CChar](repeating: 0, count: 128)
        strerror_r(code, &text, text.count)
        let message = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        self.init(link, "\(what): \(message)")
    }
}
