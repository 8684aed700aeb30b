import Conformity
import Foundation
import NIOCore
import PlantAPI

/// Who is at the other end of the daemon's socket, as the kernel says.
///
/// The account says what the caller may do; the person, who it was. The two differ where somebody logged in under his own name
/// and took on another account since, with sudo or su: the kernel keeps the number of the login (the audit login) with each
/// process from then on, and only who may write it once, the login itself, has given it. What a client says of itself, in
/// its environment or request, counts for nothing.
package struct Caller: Sendable, Hashable {
    /// The system's number of the account.
    package var userID: UInt32
    /// The name of the account; the number where the system has no name for it.
    package var account: String
    /// The name of who logged in; the account's where the system does not know (services, containers, systems without audit).
    package var person: String

    /// A caller.
    package init(userID: UInt32, account: String, person: String) {
        self.userID = userID
        self.account = account
        self.person = person
    }

    /// Whether the caller may change nonconformities: root, and the operators of the configuration.
    package func isOperator(_ operators: [String]) -> Bool { userID == 0 || operators.contains(account) }

    /// Somebody whom the list of who may ask over TLS names: never root, whoever is called so.
    package static func remote(_ name: String) -> Caller { Caller(userID: .max, account: name, person: name) }

    /// The caller on that connection; throws a ``CommandError`` (77) where the kernel does not say, as on TCP, or where the
    /// process that called cannot be looked at any more.
    package static func find(on channel: any Channel) async throws -> Caller {
        let socket = channel as? any SocketOptionProvider
        let found: EventLoopFuture<PeerCredentials>? = socket?.unsafeGetSocketOption(
            level: SocketOptionLevel(SOL_SOCKET), name: SocketOptionName(SO_PEERCRED))
        guard let credentials = try? await found?.get(), credentials.process != 0 else {
            throw CommandError(
                .notPermitted, "changes need the daemon's Unix socket or its TLS listener, which know who calls")
        }
        let account = Caller.name(of: credentials.user)
        switch LoginRecord().login(of: credentials.process, user: credentials.user) {
        case .known(let login):
            return Caller(userID: credentials.user, account: account, person: Caller.name(of: login))
        case .none: return Caller(userID: credentials.user, account: account, person: account)
        case .hidden:
            throw CommandError(
                .notPermitted,
                "who calls cannot be told: the process that opened the connection is gone, or is hidden from emsd "
                    + "(ProtectProc= of the unit, hidepid= of /proc)")
        }
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

/// What the kernel keeps of logins, under `/proc`.
package struct LoginRecord {
    /// What it says about a process.
    package enum Finding: Hashable {
        /// The number of the user who logged in.
        case known(UInt32)
        /// Nobody logged in before the process, or the kernel keeps no logins.
        case none
        /// The process is not there, or is another one by now.
        case hidden
    }

    /// Where `/proc` is.
    package var root = "/proc"

    /// Who logged in before the process of that number, which had that user when it called.
    package func login(of process: Int32, user: UInt32) -> Finding {
        // A kernel without audit has no such file of any process: then there is nothing to be known.
        guard number(in: "self/loginuid") != nil else { return .none }
        guard let login = number(in: "\(process)/loginuid"), users(of: process).contains(user) else { return .hidden }
        return login == .max ? .none : .known(login)
    }

    private func number(in name: String) -> UInt32? {
        guard let text = try? String(contentsOfFile: "\(root)/\(name)", encoding: .utf8) else { return nil }
        return UInt32(text.filter { !$0.isWhitespace })
    }

    /// The users that the process runs as (real, effective, saved, of files): those of one that got the number of a process that is
    /// gone are others.
    private func users(of process: Int32) -> [UInt32] {
        guard let text = try? String(contentsOfFile: "\(root)/\(process)/status", encoding: .utf8) else { return [] }
        let line = text.split(separator: "\n").first { $0.hasPrefix("Uid:") }
        return (line ?? "").split(whereSeparator: \.isWhitespace).dropFirst().compactMap { UInt32($0) }
    }
}

/// `struct ucred`, which Glibc's module does not show.
private struct PeerCredentials: Sendable {
    var process: Int32
    var user: UInt32
    var group: UInt32
}
