/// How a program ends: the numbers that scripts and systemd meet.
package enum ExitStatus: Int32, Sendable, Hashable {
    case done = 0
    /// Done, and what was looked at is not in order.
    case notInOrder = 1
    case usage = 64
    case badInput = 65
    case unreachable = 69
    case cannotCreate = 73
    case inputOutput = 74
    case notPermitted = 77
    case configuration = 78
}

/// An error for the person at the keyboard: one line that says what, where and what to do, and how the program ends.
package struct Complaint: Error, Sendable, Hashable, CustomStringConvertible {
    /// The program's exit status.
    package var status: ExitStatus
    /// The line for standard error, without the program's name.
    package var message: String
    /// What `-v` adds; nil: nothing.
    package var detail: String?

    /// A complaint.
    package init(_ status: ExitStatus, _ message: String, detail: String? = nil) {
        self.status = status
        self.message = message
        self.detail = detail
    }

    package var description: String { message }
}
