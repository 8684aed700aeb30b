import Glibc
import Platform
import Synchronization

/// How a host's addresses are looked up, which may take as long as it likes; throws for a host that is not known.
package typealias HostLookUp = @Sendable (_ host: String, _ port: UInt16) throws(HostUnknown) -> [[UInt8]]

/// The addresses of a host, looked up on a thread of its own: the system's resolver may take half a minute, and nothing ends it.
package final class HostResolution: Sendable {
    /// Raised when there is a result.
    let done = WakeSignal()
    private let found = Mutex<Result<[[UInt8]], HostUnknown>>(.success([]))

    /// What was found, once ``done`` is raised.
    var addresses: Result<[[UInt8]], HostUnknown> { found.withLock { $0 } }

    /// Begins to look up; a numeric address is there at once.
    init(host: String, port: UInt16, lookUp: @escaping HostLookUp) {
        if let numeric = try? HostResolution.lookUp(host, port, AI_NUMERICSERV | AI_NUMERICHOST) {
            finish(.success(numeric))
            return
        }
        let thread = try? OwnThread(name: "resolve") { [self] in
            do throws(HostUnknown) {
                finish(.success(try lookUp(host, port)))
            } catch {
                finish(.failure(error))
            }
        }
        thread?.detach()
        if thread == nil { finish(.failure(HostUnknown(words: "there is no thread to look it up"))) }
    }

    private func finish(_ addresses: Result<[[UInt8]], HostUnknown>) {
        found.withLock { $0 = addresses }
        done.raise()
    }

    /// Asks the system's resolver.
    package static let system: HostLookUp = { host, port throws(HostUnknown) in
        try lookUp(host, port, AI_NUMERICSERV)
    }

    private static func lookUp(
        _ host: String, _ port: UInt16, _ flags: Int32
    ) throws(HostUnknown) -> [[UInt8]] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = flags
        var list: UnsafeMutablePointer<addrinfo>?
        let failure = getaddrinfo(host, String(port), &hints, &list)
        guard failure == 0 else { throw HostUnknown(words: String(cString: gai_strerror(failure))) }
        defer { freeaddrinfo(list) }
        var found: [[UInt8]] = []
        var next = list
        while let entry = next {
            if let address = entry.pointee.ai_addr {
                found.append([UInt8](UnsafeRawBufferPointer(start: address, count: Int(entry.pointee.ai_addrlen))))
            }
            next = entry.pointee.ai_next
        }
        return found
    }
}
