import Glibc

/// A thread of its own for work that blocks, away from the cooperative pool and Dispatch's threads.
///
/// Signals are blocked in it, so that they reach the main thread, and a write to a closed line is an error and not the end
/// of the process.
package final class OwnThread: Sendable {
    private let handle: pthread_t

    /// Starts the thread at once.
    ///
    /// - Parameters:
    ///   - name: Shown by `ps -L` and debuggers; the first 15 bytes count.
    ///   - stackSize: Bytes; small by default, so that a thousand links fit.
    ///   - body: What it does.
    /// - Throws: ``ThreadFault`` when the system has no thread left.
    package init(
        name: String, stackSize: Int = 256 * 1024, _ body: @escaping @Sendable () -> Void
    ) throws(ThreadFault) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackSize)
        let work = Unmanaged.passRetained(ThreadWork(name: name, body: body))
        var thread = pthread_t()
        let result = pthread_create(
            &thread, &attributes,
            { context in
                guard let context else { return nil }
                Unmanaged<ThreadWork>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, work.toOpaque())
        guard result == 0 else {
            work.release()
            throw ThreadFault(name: name, code: result)
        }
        handle = thread
    }

    /// Lets it end by itself; instead of ``join()``.
    package func detach() {
        pthread_detach(handle)
    }

    /// Timers of a thread may be 50 µs late by default, which a fast serial line would lose with each silence.
    fileprivate static func sharpenTimers() {
        var target = [CChar](repeating: 0, count: 64)
        guard readlink("/proc/thread-self", &target, target.count - 1) > 0 else { return }
        let path = String(decoding: target.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard let thread = path.split(separator: "/").last else { return }
        let slack = open("/proc/\(thread)/timerslack_ns", O_WRONLY | O_CLOEXEC)
        guard slack >= 0 else { return }
        _ = write(slack, "1000", 4)
        close(slack)
    }

    /// Waits until the body has returned; to be called once.
    package func join() {
        pthread_join(handle, nil)
    }
}

/// The system refused another thread.
package struct ThreadFault: Error, CustomStringConvertible {
    /// Of the thread.
    package var name: String
    /// The system's error number.
    package var code: Int32

    /// What, and what to do.
    package var description: String {
        "cannot start a thread for \(name): error \(code) of the system; raise the limit of tasks (TasksMax, ulimit -u)"
    }
}

private final class ThreadWork {
    private let name: String
    private let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }

    func run() {
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        if file >= 0 {
            let short = Array(name.utf8.prefix(15))
            _ = write(file, short, short.count)
            close(file)
        }
        OwnThread.sharpenTimers()
        body()
    }
}
