import Glibc
import Platform

/// A TCP connection being made: host resolved anew, its addresses tried in turn, never blocking past the given moment.
package final class SocketDial {
    /// How far the connection has come.
    package enum Progress: Sendable, Hashable {
        /// Done: a non-blocking socket, now the caller's to close.
        case connected(Int32)
        /// Not yet; ask again.
        case pending
        case failed(ConnectionFault)
    }

    private let host: String
    private let port: UInt16
    private let patience: Int64
    private let userTimeout: Int32
    /// Nanoseconds the system's resolver is given.
    private static let resolverPatience: Int64 = 15_000_000_000

    private var addresses: [[UInt8]] = []
    private var resolution: HostResolution?
    private let resolutionEnd: Int64
    private var socketInProgress: Int32 = -1
    private var deadline: Int64 = 0
    private var fault: ConnectionFault

    /// Begins with resolving the host, anew each time.
    ///
    /// - Parameters:
    ///   - patience: Nanoseconds each address of the host is given.
    ///   - userTimeout: Milliseconds after which unacknowledged data means that the connection is dead.
    ///   - lookUp: Where the host's addresses come from.
    package init(
        host: String, port: UInt16, patience: Int64, userTimeout: Int32,
        lookUp: @escaping HostLookUp = HostResolution.system
    ) {
        self.host = host
        self.port = port
        fault = .unknown(host: host, nil)
        self.patience = patience
        self.userTimeout = userTimeout
        resolution = HostResolution(host: host, port: port, lookUp: lookUp)
        resolutionEnd = MonotonicTime.now() + SocketDial.resolverPatience
    }

    deinit {
        if socketInProgress >= 0 { close(socketInProgress) }
    }

    /// Goes on until the connection is made, has failed, or `moment` has come or `waking` been raised.
    package func advance(until moment: Int64, waking: Int32) -> Progress {
        if let resolution {
            switch Readiness.wait(resolution.done.descriptor, orWaking: waking, until: min(moment, resolutionEnd)) {
            case .readable, .hungUp:
                switch resolution.addresses {
                case .success(let found): addresses = found
                case .failure(let unknown): fault = .unknown(host: host, unknown.words)
                }
            case .woken: return .pending
            case .late:
                guard MonotonicTime.now() >= resolutionEnd else { return .pending }
                return .failed(.unresolved(host: host, seconds: SocketDial.resolverPatience / 1_000_000_000))
            }
            self.resolution = nil
        }
        while true {
            if socketInProgress < 0 {
                guard !addresses.isEmpty else { return .failed(fault) }
                begin(addresses.removeFirst())
                if socketInProgress < 0 { continue }
            }
            switch Readiness.wait(
                socketInProgress, for: Int32(POLLOUT), orWaking: waking, until: min(moment, deadline))
            {
            case .woken: return .pending
            case .late:
                if MonotonicTime.now() < deadline { return .pending }
                abandon(.unanswered(host: host, port: port))
            case .readable, .hungUp:
                let code = pendingError(socketInProgress)
                if code == 0 {
                    defer { socketInProgress = -1 }
                    return .connected(socketInProgress)
                }
                abandon(.host(host, port: port, code))
            }
        }
    }

    private func begin(_ address: [UInt8]) {
        let family = address.withUnsafeBytes { $0.loadUnaligned(as: sa_family_t.self) }
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let made = socket(Int32(family), type, Int32(IPPROTO_TCP))
        guard made >= 0 else {
            fault = .host(host, port: port, errno)
            return
        }
        socketInProgress = made
        deadline = MonotonicTime.now() + patience
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 30)
        set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 10)
        set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
        set(Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, userTimeout)
        let result = address.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { connect(made, $0.baseAddress, socklen_t(bytes.count)) }
        }
        if result < 0 {
            let code = errno
            if code != EINPROGRESS { abandon(.host(host, port: port, code)) }
        }
    }

    private func abandon(_ fault: ConnectionFault) {
        self.fault = fault
        close(socketInProgress)
        socketInProgress = -1
    }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(socketInProgress, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private func pendingError(_ descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno
    }
}
