import Foundation
import NIOCore

/// Who is at the other end of the daemon's socket, as the kernel says.
package struct Caller: Sendable, Hashable {
    /// The system's number of the user.
    package var userID: UInt32
    /// The user's name; the number where the system has no name for it.
    package var name: String

    /// Whether the caller may change nonconformities: root, and the operators of the configuration.
    package func isOperator(_ operators: [String]) -> Bool { userID == 0 || operators.contains(name) }

    /// The caller on that connection; nil where the kernel does not say, as on TCP.
    static func find(on channel: any Channel) async -> Caller? {
        guard let socket = channel as? any SocketOptionProvider else { return nil }
        let found: EventLoopFuture<PeerCredentials> = socket.unsafeGetSocketOption(
            level: SocketOptionLevel(SOL_SOCKET), name: SocketOptionName(SO_PEERCRED))
        guard let credentials = try? await found.get(), credentials.process != 0 else { return nil }
        return Caller(userID: credentials.user, name: Caller.name(of: credentials.user))
    }

    private static func name(of user: UInt32) -> String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name
        else {
            return String(user)
        }
        return String(cString: name)
    }
}

/// `struct ucred`, which Glibc's module does not show.
private struct PeerCredentials: Sendable {
    var process: Int32
    var user: UInt32
    var group: UInt32
}
