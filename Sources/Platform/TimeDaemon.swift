import Glibc
import Synchronization

/// Asks systemd's time daemon whether the clock is synchronised, on a thread of its own: a program whose unit keeps it from
/// the calls that set the clock may not even ask the kernel.
final class TimeDaemon: Sendable {
    static let shared = TimeDaemon(["/usr/bin/timedatectl", "show", "--property=NTPSynchronized", "--value"])

    /// Milliseconds for which an answer counts.
    private static let patience: Int64 = 60_000

    private struct State {
        var isAsking = false
        /// When it was asked last; nil: never.
        var asked: Int64?
        var isSynchronised = false
    }

    private let command: [String]
    private let state = Mutex(State())

    /// A daemon that is asked by a command, which says `yes` or something else.
    init(_ command: [String]) { self.command = command }

    /// The last answer, where it is fresh; else no, and the daemon is asked.
    func isSynchronised() -> Bool {
        let now = WallClock.steadyMilliseconds()
        let (isDue, answer) = state.withLock { state in
            let isFresh = state.asked.map { now - $0 < TimeDaemon.patience } ?? false
            if !isFresh {
                state.isSynchronised = false
                if !state.isAsking { (state.isAsking, state.asked) = (true, now) }
            }
            return (!isFresh && state.asked == now, state.isSynchronised)
        }
        if isDue {
            do {
                try OwnThread.start("time") { self.ask() }
            } catch {
                state.withLock { $0.isAsking = false }
            }
        }
        return answer
    }

    private func ask() {
        let answer = TimeDaemon.output(of: command).map { String(decoding: $0, as: UTF8.self) }
        state.withLock { state in
            state.isAsking = false
            state.isSynchronised = answer?.hasPrefix("yes") ?? false
        }
    }

    /// What a program writes; nil where it cannot be started.
    private static func output(of command: [String]) -> [UInt8]? {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Threads of this program block signals; another program would never end by one.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var words = command.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child = pid_t()
        let code = posix_spawn(&child, command[0], &actions, &attributes, &words, environ)
        close(ends[1])
        defer { close(ends[0]) }
        guard code == 0 else { return nil }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256)
        while case let count = read(ends[0], &buffer, buffer.count), count > 0 { bytes += buffer.prefix(count) }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return bytes
    }
}
