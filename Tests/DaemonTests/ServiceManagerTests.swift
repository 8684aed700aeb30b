import Daemon
import Foundation
import TestKit
import Testing

@Suite("What systemd is told")
struct ServiceManagerTests {
    @Test("messages go to the socket that it names, by path or in the abstract namespace", arguments: [false, true])
    func messages(isAbstract: Bool) throws {
        let folder = try TemporaryFolder()
        let path = isAbstract ? "@" + folder.path : folder.file("notify")
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        if isAbstract { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(bound == 0)
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "30000000"])
        manager.ready("Polling")
        manager.watchdog()
        manager.stopping()
        var messages: [String] = []
        for _ in 0..<3 {
            var buffer = [UInt8](repeating: 0, count: 512)
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            messages.append(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self))
        }
        #expect(messages == ["READY=1\nSTATUS=Polling", "WATCHDOG=1", "STOPPING=1\nSTATUS=Stopping"])
        #expect(manager.watchdogInterval == 15_000)
    }

    @Test("without systemd nothing is said, and a watchdog for another process is not ours")
    func noManager() {
        let manager = ServiceManager(environment: ["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"])
        manager.ready("nobody hears this")
        #expect(manager.watchdogInterval == nil)
    }
}
