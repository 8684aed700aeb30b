import Foundation
import PlantAPI

/// The terminal as one screen, given back as it was found on every way out: at the end, on an error, on signals, at a crash,
/// and while it is suspended.
///
/// Handlers of signals write and set attributes only, then raise the signal again, so that the exit status is true.
enum FullScreen {
    /// What the handlers need; written before they are installed, and by them alone after that.
    private nonisolated(unsafe) static var saved = termios()
    private nonisolated(unsafe) static var raw = termios()
    private nonisolated(unsafe) static var isOn = false
    private nonisolated(unsafe) static var wakeWriter: Int32 = -1
    private nonisolated(unsafe) static var leave: UnsafeMutableBufferPointer<UInt8> = .allocate(capacity: 0)
    private nonisolated(unsafe) static var enter: UnsafeMutableBufferPointer<UInt8> = .allocate(capacity: 0)
    /// Set by handlers: the size has changed, or the program goes on after a stop.
    private nonisolated(unsafe) static var hasNews: sig_atomic_t = 0

    /// Alternate screen, cursor hidden.
    private static let entering = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J"
    /// Synchronised output, mouse and paste off, plain letters, cursor shown, alternate screen left.
    private static let leaving =
        "\u{1B}[?2026l\u{1B}[?1000l\u{1B}[?1002l\u{1B}[?1006l\u{1B}[?2004l\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l\u{1B}[?25h"

    private static let deadly = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP]

    /// Takes the screen; returns where a byte can be read for each change that handlers saw.
    ///
    /// Throws a ``CommandError`` (64) where standard input or output is no terminal.
    static func take() throws -> Int32 {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &saved) == 0 else {
            throw CommandError(
                .usage, "watch needs a terminal: for a pipe there are 'emsctl status' and 'emsctl points'")
        }
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw CommandError(.inputOutput, "no pipe can be made: too many files are open") }
        for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        wakeWriter = ends[1]
        leave = buffer(leaving)
        enter = buffer(entering)
        raw = saved
        cfmakeraw(&raw)
        // Output is written as it is; Ctrl-C and Ctrl-Z stay signals.
        raw.c_lflag |= tcflag_t(ISIG)
        raw.c_oflag = saved.c_oflag
        for number in deadly { signal(number) { FullScreen.end($0) } }
        signal(SIGTSTP) { FullScreen.stop($0) }
        signal(SIGCONT) { _ in FullScreen.goOn() }
        signal(SIGWINCH) { _ in FullScreen.wake() }
        atexit { FullScreen.giveBack() }
        goOn()
        return ends[0]
    }

    /// Gives the terminal back as it was; nothing happens where that was done.
    static func giveBack() {
        guard isOn else { return }
        isOn = false
        _ = write(STDOUT_FILENO, leave.baseAddress, leave.count)
        tcsetattr(STDIN_FILENO, TCSANOW, &saved)
    }

    /// Whether the size or the screen has changed since the last question.
    static func takeNews() -> Bool {
        defer { hasNews = 0 }
        return hasNews != 0
    }

    private static func buffer(_ text: String) -> UnsafeMutableBufferPointer<UInt8> {
        let bytes = Array(text.utf8)
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = buffer.initialize(from: bytes)
        return buffer
    }

    // MARK: In handlers

    private static func end(_ number: Int32) {
        giveBack()
        signal(number, SIG_DFL)
        raise(number)
    }

    private static func stop(_ number: Int32) {
        giveBack()
        signal(number, SIG_DFL)
        // It is delivered when the handler returns.
        raise(number)
    }

    private static func goOn() {
        signal(SIGTSTP) { FullScreen.stop($0) }
        guard !isOn else { return wake() }
        // In the background the terminal is somebody else's, and touching it would stop the program at once.
        guard tcgetpgrp(STDIN_FILENO) == getpgrp() else { return }
        isOn = true
        tcsetattr(STDIN_FILENO, TCSANOW, &raw)
        _ = write(STDOUT_FILENO, enter.baseAddress, enter.count)
        wake()
    }

    private static func wake() {
        hasNews = 1
        var byte: UInt8 = 1
        _ = write(wakeWriter, &byte, 1)
    }
}
