import Platform
import Synchronization

/// The threads of a server, of which those that have ended are forgotten.
final class ServerThreads: Sendable {
    private final class Running: Sendable {
        let thread: OwnThread
        let hasEnded: Ended
        init(_ thread: OwnThread, _ hasEnded: Ended) {
            self.thread = thread
            self.hasEnded = hasEnded
        }
    }
    private final class Ended: Sendable {
        let flag = Atomic<Bool>(false)
    }

    private let running = Mutex<[Running]>([])

    /// Starts a thread; whether the system had one left.
    @discardableResult func start(_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        let ended = Ended()
        let thread = try? OwnThread(name: name) {
            body()
            ended.flag.store(true, ordering: .releasing)
        }
        guard let thread else { return false }
        running.withLock { running in
            running.removeAll { one in
                guard one.hasEnded.flag.load(ordering: .acquiring) else { return false }
                one.thread.join()
                return true
            }
            running.append(Running(thread, ended))
        }
        return true
    }

    /// Waits for all of them.
    func join() {
        let all = running.withLock { running in
            defer { running = [] }
            return running
        }
        for one in all { one.thread.join() }
    }
}
