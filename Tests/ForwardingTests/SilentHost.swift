import Glibc

/// A host on this machine that lets nobody in and says nothing: the queue of its listener is full, and what else would
/// connect is dropped, as by a fire wall.
final class SilentHost {
    let port: UInt16
    private let listener: Int32
    /// The first ones fill the queue.
    private let waiting: [Int32]
    private let ours: Set<String>

    init() {
        let (listener, port) = Loopback.listener(backlog: 0)
        waiting = (0..<4).map { _ in Loopback.connecting(to: port) }
        ours = Loopback.tries(of: port)
        (self.listener, self.port) = (listener, port)
    }

    deinit { for descriptor in waiting + [listener] { close(descriptor) } }

    /// Whether somebody is trying to connect.
    ///
    /// Its own tries are known by their ports: the system gives them up after two minutes, and there are fewer then.
    var isTried: Bool { !Loopback.tries(of: port).isSubset(of: ours) }
}
