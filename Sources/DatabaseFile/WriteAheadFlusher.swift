import Foundation
import Platform
import Synchronization

/// Brings commits to the disk once a second, so that a loss of power costs a second and not what the kernel still
/// holds.
///
/// SQLite with `synchronous=NORMAL` writes each commit to the write-ahead log and leaves it to the kernel when that
/// reaches the disk; an fdatasync of the log makes every commit in it durable. A log frame torn by the power cut fails
/// its checksum, and the log ends before it. SQLite takes no locks on the log file, so that opening it a second time is
/// harmless (closing a second descriptor of the database itself would drop SQLite's locks).
package final class WriteAheadFlusher: Sendable {
    private let path: String
    private let signal = MonotonicSemaphore()
    private let ended = MonotonicSemaphore()
    private let shared = Mutex(Shared())

    private struct Shared {
        var waiting = false
        var stopped = false
        /// Commits so far, and how many of them are on the disk.
        var commits = 0
        var flushed = 0
        /// The errno of the last flush that failed.
        var failure: Int32?
    }

    /// Starts a thread that flushes the log at `path` within `interval` milliseconds after each commit.
    init(path: String, interval: UInt32 = 1000) {
        self.path = path
        let thread = Thread { [self] in
            while true {
                signal.wait()
                let stopped = shared.withLock { $0.stopped }
                if stopped { break }
                // The first commit starts the second; those that follow within it go along.
                _ = ended.wait(milliseconds: Int64(interval))
                if shared.withLock({ $0.stopped }) { break }
                shared.withLock { $0.waiting = false }
                flush()
            }
            ended.signal()
        }
        thread.name = "emsd-flush"
        thread.stackSize = 256 * 1024
        thread.start()
    }

    /// Says that something was committed.
    func committed() {
        let wake = shared.withLock { shared in
            shared.commits += 1
            if shared.waiting { return false }
            shared.waiting = true
            return true
        }
        if wake { signal.signal() }
    }

    /// Flushes now what is not on the disk yet.
    package func flush() {
        let commits = shared.withLock { $0.flushed < $0.commits ? $0.commits : nil }
        guard let commits else { return }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let cause = errno
            return shared.withLock { $0.failure = cause }
        }
        let code = fdatasync(descriptor)
        let cause = errno
        close(descriptor)
        shared.withLock { shared in
            shared.failure = code == 0 ? nil : cause
            if code == 0 { shared.flushed = max(shared.flushed, commits) }
        }
    }

    /// Whether every commit is on the disk.
    package var isFlushed: Bool { shared.withLock { $0.flushed == $0.commits } }

    /// Why the last flush failed; nil where it did not.
    package var failure: Int32? { shared.withLock { $0.failure } }

    /// Ends the thread; what was committed reaches the disk when the database closes.
    func stop() {
        let first = shared.withLock { shared in
            defer { shared.stopped = true }
            return !shared.stopped
        }
        guard first else { return }
        signal.signal()
        // Also ends the wait for the second to pass.
        ended.signal()
    }
}
