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
