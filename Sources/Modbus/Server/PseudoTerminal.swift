import Glibc

/// A serial line without a wire: a pseudo terminal, and a symbolic link to it where a device is expected.
struct PseudoTerminal: Sendable {
    /// Our end.
    let descriptor: Int32
    /// The client's end, held open so that our end survives clients that come and go.
    private let held: Int32
    private let path: String

    /// Opens one in raw mode and puts the link at `path`; a dead link there, or one to another terminal, is replaced.
    init(path: String, link: String) throws(ServerFault) {
        var ours: Int32 = -1
        var theirs: Int32 = -1
        guard openpty(&ours, &theirs, nil, nil, nil) == 0 else {
            throw ServerFault(link, "no pseudo terminal", errno: errno)
        }
        var settings = termios()
        tcgetattr(theirs, &settings)
        cfmakeraw(&settings)
        tcsetattr(theirs, TCSANOW, &settings)
        _ = fcntl(ours, F_SETFD, FD_CLOEXEC)
        _ = fcntl(theirs, F_SETFD, FD_CLOEXEC)
        var name = [CChar](repeating: 0, count: 128)
        ttyname_r(theirs, &name, name.count)
        func fail(_ fault: ServerFault) -> ServerFault {
            close(ours)
            close(theirs)
            return fault
        }
        var status = stat()
        if lstat(path, &status) == 0 {
            var target = [CChar](repeating: 0, count: 256)
            let length = readlink(path, &target, target.count - 1)
            let points = String(decoding: target.prefix(max(0, length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
            guard points.hasPrefix("/dev/pts/") else {
                throw fail(
                    ServerFault(link, "\(path) exists and is not a link of emsim; give --pty-directory, or remove it"))
            }
            unlink(path)
        }
        guard symlink(name, path) == 0 else {
            throw fail(
                ServerFault(
                    link, "the terminal's link \(path) cannot be made (--pty-directory chooses another place)",
                    errno: errno))
        }
        descriptor = ours
        held = theirs
        self.path = path
    }

    /// Removes the link and lets go of the client's end; our end is closed by who reads it.
    func remove() {
        unlink(path)
        close(held)
    }
}
