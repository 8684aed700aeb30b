import Glibc
import Platform

/// A host that takes each connection and answers it in its own way, one after the other.
final class WordyHost: Sendable {
    let port: UInt16
    private let listener: Int32

    /// `answer` is given the connection, which is closed after that.
    init(_ answer: @escaping @Sendable (Int32) -> Void) throws {
        let (listener, port) = Loopback.listener(backlog: 16)
        (self.listener, self.port) = (listener, port)
        try OwnThread.start("host") {
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                answer(connection)
                close(connection)
            }
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }
}
