import Glibc
import Platform
import Synchronization

/// Serves the links of a simulated plant, each with threads of its own.
package final class ModbusServer: Sendable {
    /// Where a link can be reached.
    package enum Address: Sendable, Hashable {
        case port(UInt16)
        case terminal(String)
    }

    private struct Served {
        let link: ServedLink
        let units: [UInt8: ServedUnit]
        let framing: ServerFraming
        var listener: Int32?
        var port: UInt16
    }

    /// In the order of the links given.
    package let addresses: [Address]
    package let traffic: ServerTraffic
    private let terminals: [PseudoTerminal]
    private let stopping = WakeSignal()
    private let threads = ServerThreads()
    private let isStopped = Atomic<Bool>(false)

    /// Serves the links from now on.
    ///
    /// Throws a ``ServerFault`` where one of them cannot be served; nothing is served then.
    package init(_ links: [ServedLink], traffic: ServerTraffic = ServerTraffic()) throws(ServerFault) {
        var served: [Served] = []
        var terminals: [PseudoTerminal] = []
        var conversations: [Conversation] = []
        var addresses: [Address] = []
        do throws(ServerFault) {
            for link in links {
                var units: [UInt8: ServedUnit] = [:]
                for (number, device) in link.units {
                    guard let unit = ServedUnit(device) else { throw ServerFault(link.name, "memory is exhausted") }
                    units[number] = unit
                }
                switch link.endpoint {
                case .port(let host, let port, let framing):
                    let opened = try ServerListener.open(host: host, port: port, link: link.name)
                    served.append(
                        Served(
                            link: link, units: units, framing: framing, listener: opened.descriptor, port: opened.port))
                    addresses.append(.port(opened.port))
                case .terminal(let path):
                    let terminal = try PseudoTerminal(path: path, link: link.name)
                    terminals.append(terminal)
                    addresses.append(.terminal(path))
                    conversations.append(
                        Conversation(
                            link: link, units: units, framing: .rtu, descriptor: terminal.descriptor,
                            stopping: stopping, traffic: traffic))
                }
            }
        } catch {
            for listener in served.compactMap(\.listener) { close(listener) }
            for terminal in terminals {
                terminal.remove()
                close(terminal.descriptor)
            }
            throw error
        }
        self.addresses = addresses
        self.traffic = traffic
        self.terminals = terminals
        let listening = served
        let (stopping, threads) = (stopping, threads)
        for conversation in conversations { threads.start("terminal") { conversation.run() } }
        guard !listening.isEmpty else { return }
        threads.start("accept") {
            ModbusServer.acceptAll(listening, stopping: stopping, threads: threads, traffic: traffic)
        }
    }

    /// Ends all connections, waits for their threads and removes the terminals' links; a second call does nothing.
    package func stop() {
        guard isStopped.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else { return }
        stopping.raise()
        threads.join()
        for terminal in terminals { terminal.remove() }
    }

    private static func acceptAll(
        _ given: [Served], stopping: WakeSignal, threads: ServerThreads, traffic: ServerTraffic
    ) {
        var served = given
        defer { for listener in served.compactMap(\.listener) { close(listener) } }
        let mayGoDown = served.contains { $0.link.isDown != nil }
        while true {
            if mayGoDown { for index in served.indices { followState(&served[index]) } }
            var polled = [pollfd(fd: stopping.descriptor, events: Int16(POLLIN), revents: 0)]
            // A negative descriptor is passed over by poll.
            polled += served.map { pollfd(fd: $0.listener ?? -1, events: Int16(POLLIN), revents: 0) }
            let ready = poll(&polled, nfds_t(polled.count), mayGoDown ? 20 : -1)
            if ready < 0, errno != EINTR { return }
            if polled[0].revents != 0 { return }
            guard ready > 0 else { continue }
            for (one, event) in zip(served, polled.dropFirst()) where event.revents != 0 {
                guard let listener = one.listener, let descriptor = ServerListener.accept(listener) else { continue }
                let conversation = Conversation(
                    link: one.link, units: one.units, framing: one.framing, descriptor: descriptor, stopping: stopping,
                    traffic: traffic)
                if !threads.start("connection", { conversation.run() }) { close(descriptor) }
            }
        }
    }

    /// Closes the listener of a link that went down, opens it again when it is back.
    private static func followState(_ served: inout Served) {
        guard let isDown = served.link.isDown, case .port(let host, _, _) = served.link.endpoint else { return }
        if isDown(), let listener = served.listener {
            close(listener)
            served.listener = nil
        } else if !isDown(), served.listener == nil {
            served.listener = try? ServerListener.open(host: host, port: served.port, link: served.link.name).descriptor
        }
    }
}
