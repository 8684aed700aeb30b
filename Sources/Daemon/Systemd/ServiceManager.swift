import Foundation
import Metering
import Platform

/// Says to systemd how the daemon is (sd_notify), over the socket it names; does nothing where there is none.
package struct ServiceManager: Sendable {
    private let path: String?
    /// Half of what the unit's `WatchdogSec=` allows, in milliseconds; nil: no watchdog.
    package let watchdogInterval: Int64?

    /// The service manager that this environment names.
    package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        path = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        let isForUs = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
        watchdogInterval = isForUs ? environment["WATCHDOG_USEC"].flatMap(Int64.init).map { max(1, $0 / 2000) } : nil
    }

    /// The plant runs.
    package func ready(_ status: String) { send("READY=1\nSTATUS=\(ShownText(status))") }

    /// A new configuration is being taken over; ``ready(_:)`` follows.
    package func reloading() {
        send("RELOADING=1\nMONOTONIC_USEC=\(MonotonicTime.now() / 1000)")
    }

    /// The start goes on: it may take two minutes more from now.
    package func extendStart() { send("EXTEND_TIMEOUT_USEC=120000000") }

    /// The daemon ends.
    package func stopping() { send("STOPPING=1\nSTATUS=Stopping") }

    /// The recorder is alive.
    package func watchdog() { send("WATCHDOG=1") }

    /// One line that `systemctl status` shows.
    package func status(_ text: String) { send("STATUS=\(ShownText(text))") }

    private func send(_ message: String) {
        guard let path else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard name.count < capacity else { return }
        // A leading @ is the abstract namespace, whose names begin with a zero byte.
        if name.first == UInt8(ascii: "@") { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let bytes = Array(message.utf8)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { target in
                _ = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), target, length)
            }
        }
    }
}
