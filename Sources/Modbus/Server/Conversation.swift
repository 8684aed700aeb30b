import Glibc
import Platform

/// Serves one connection, or one serial line, until it ends or the server stops.
struct Conversation: Sendable {
    let link: ServedLink
    let units: [UInt8: ServedUnit]
    let framing: ServerFraming
    let descriptor: Int32
    /// Raised when the server stops.
    let stopping: WakeSignal
    let traffic: ServerTraffic

    /// A serial line has other devices, so that an unserved unit is silent there; a TCP gateway answers for it.
    private static let targetFailedToRespond: UInt8 = 11
    private static let illegalFunction: UInt8 = 1
    /// After this silence, in milliseconds, an unfinished RTU request is given up.
    private static let silence: Int64 = 50

    private enum Ending: Error { case closed, reset }

    /// Answers requests; ends when the other side closes or the server stops. The descriptor is closed then.
    func run() {
        guard let context = ReplyContext(framing) else {
            close(descriptor)
            return
        }
        var reader = RequestReader(framing)
        var pending: [PendingAnswer] = []
        do throws(Ending) {
            while true {
                let wait = pending.map(\.due).min().map { max(0, $0 - Conversation.now()) }
                let timeout = wait ?? (reader.isMidway && framing == .rtu ? Conversation.silence : -1)
                let arrived = try receive(within: timeout)
                if let arrived {
                    reader.feed(arrived[...])
                } else if wait == nil, case .request(let request) = reader.silence() {
                    try answer(request, context, &pending)
                }
                try sendDue(&pending)
                reading: while true {
                    switch reader.next() {
                    case .request(let request): try answer(request, context, &pending)
                    case .rubbish: throw .reset
                    case .nothing: break reading
                    }
                }
            }
        } catch {
            if error == .reset { ServerListener.resetOnClose(descriptor) }
        }
        close(descriptor)
    }

    /// Milliseconds on the monotonic clock.
    private static func now() -> Int64 { MonotonicTime.now() / 1_000_000 }

    /// What arrived; nil when nothing did in that time (-1: waits for ever).
    private func receive(within timeout: Int64) throws(Ending) -> [UInt8]? {
        while true {
            var polled = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stopping.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&polled, 2, Int32(clamping: timeout))
            if ready < 0, errno == EINTR { continue }
            if ready < 0 || polled[1].revents != 0 { throw .closed }
            if ready == 0 { return nil }
            var bytes = [UInt8](repeating: 0, count: 512)
            let count = Glibc.read(descriptor, &bytes, bytes.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            if count <= 0 { throw .closed }
            return Array(bytes[..<count])
        }
    }

    private func answer(
        _ request: ServerRequest, _ context: borrowing ReplyContext, _ pending: inout [PendingAnswer]
    ) throws(Ending) {
        traffic.count(request)
        if let isDown = link.isDown, isDown() {
            if case .port = link.endpoint { throw .reset }
            return
        }
        if framing == .rtu, request.unit == 0 { return }
        guard let unit = units[request.unit] else {
            if framing == .rtu { return }
            return try send(context.exception(Conversation.targetFailedToRespond, to: request), drip: 0)
        }
        guard request.isRead || request.function == 0x2B else {
            return try send(context.exception(Conversation.illegalFunction, to: request), drip: 0)
        }
        let (plan, registers) = unit.answer(request, through: context)
        if !plan.isFaultless { traffic.countFault() }
        let whole: [UInt8]
        switch plan.content {
        case .silence: return
        case .reset:
            if case .port = link.endpoint { throw .reset }
            return
        case .exception(let code): whole = context.exception(code, to: request)
        case .data(let data): whole = context.frame([request.function] + data, to: request)
        case .registers:
            guard let registers else { return }
            whole = registers
        }
        let frame = plan.damage?.applied(to: whole, framing: framing) ?? whole
        let frames = Array(repeating: frame, count: plan.copies).flatMap { $0 }
        if plan.delay > 0, plan.letsOthersPass {
            pending.append(
                PendingAnswer(due: Conversation.now() + plan.delay, bytes: frames, drip: plan.drip))
            return
        }
        if plan.delay > 0 { try rest(plan.delay) }
        try send(frames, drip: plan.drip)
    }

    private func sendDue(_ pending: inout [PendingAnswer]) throws(Ending) {
        guard !pending.isEmpty else { return }
        let now = Conversation.now()
        for late in pending.filter({ $0.due <= now }).sorted(by: { $0.due < $1.due }) {
            try send(late.bytes, drip: late.drip)
        }
        pending.removeAll { $0.due <= now }
    }

    /// Does nothing for that many milliseconds, or until the server stops.
    private func rest(_ milliseconds: Int64) throws(Ending) {
        let end = Conversation.now() + milliseconds
        while true {
            let left = end - Conversation.now()
            if left <= 0 { return }
            var polled = pollfd(fd: stopping.descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&polled, 1, Int32(clamping: left)) > 0 { throw .closed }
        }
    }

    private func send(_ bytes: [UInt8], drip: Int64) throws(Ending) {
        var position = 0
        while position < bytes.count {
            let end = drip > 0 ? position + 1 : bytes.count
            let sent = bytes[position..<end].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if sent < 0, errno == EINTR { continue }
            if sent <= 0 { throw .closed }
            position += sent
            if drip > 0, position < bytes.count { try rest(drip) }
        }
    }
}

/// An answer that is sent later, while others are given.
private struct PendingAnswer {
    /// On the monotonic clock, in milliseconds.
    var due: Int64
    var bytes: [UInt8]
    var drip: Int64
}
