import Platform

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
        self.init(link, "\(what): \(SystemFault.text(code))")
    }
}
