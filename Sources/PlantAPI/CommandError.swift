/// An error for the person at the keyboard: one line that says what, where and what to do, and how the program ends.
package struct CommandError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The program's exit status.
    package var status: ExitStatus
    /// The line for standard error, without the program's name.
    package var message: String
    /// What `-v` adds; nil: nothing.
    package var detail: String?
    /// What a caller over HTTP is told besides.
    package var matter: Matter

    /// Why something was not done, where the exit status alone does not say it.
    package enum Matter: Sendable, Hashable {
        /// The exit status says it.
        case asSaid
        /// What was named does not exist.
        case absent
        /// The present state does not allow it.
        case conflict
        /// There is too much to do now: later it would be done.
        case busy
        /// More was sent than is ever needed.
        case tooLarge
    }

    /// A commandError.
    package init(_ status: ExitStatus, _ message: String, detail: String? = nil, matter: Matter = .asSaid) {
        self.status = status
        self.message = message
        self.detail = detail
        self.matter = matter
    }

    package var description: String { message }
}
