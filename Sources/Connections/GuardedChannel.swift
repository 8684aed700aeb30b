import Conformity
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL

/// A connection of HTTP that is in the book, and ends when its client takes too long.
package struct GuardedChannel: ServerChildChannel {
    package let http: HTTP1Channel
    package let book: ConnectionBook
    package let limits: ConnectionLimits
    /// What it is encrypted with; nil: it is not.
    package let identity: TLSIdentity?

    /// A channel whose connections are in a book.
    package init(http: HTTP1Channel, book: ConnectionBook, limits: ConnectionLimits, identity: TLSIdentity? = nil) {
        self.http = http
        self.book = book
        self.limits = limits
        self.identity = identity
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        let isIn = book.admit(channel)
        if isIn { channel.closeFuture.whenComplete { _ in book.leave(channel) } } else { book.note(.refused) }
        if let identity {
            do {
                // What the client shows need not be signed by anybody: the list of who may ask names it.
                let encryption = NIOSSLServerHandler(context: identity.context()) { _, promise in
                    promise.succeed(.certificateVerified)
                }
                try channel.pipeline.syncOperations.addHandler(encryption)
            } catch {
                return channel.eventLoop.makeFailedFuture(error)
            }
        }
        return http.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            guard isIn else {
                // Nothing can be said before both have agreed on a key, which costs more than it is worth.
                guard identity == nil else {
                    channel.close(promise: nil)
                    return value
                }
                try pipeline.addHandler(RefusingHandler(places: book.places), position: .first)
                return value
            }
            let guardian = ConnectionGuard(book: book, limits: limits)
            try pipeline.addHandler(guardian.bytes, position: .first)
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(guardian.requests, position: .after(decoder))
            return value
        }
    }

    package func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await http.handle(value: value, logger: logger)
    }
}

/// Watches one connection; lives on its event loop.
private final class ConnectionGuard {
    private let book: ConnectionBook
    private var clock: ConnectionClock
    private var written = 0
    private var ticking: RepeatedTask?
    private var wasOwed = false
    let bytes = BytesHandler()
    let requests = RequestsHandler()

    init(book: ConnectionBook, limits: ConnectionLimits) {
        self.book = book
        clock = ConnectionClock(limits, now: .now())
        bytes.guardian = self
        requests.guardian = self
    }

    private func changed(_ context: ChannelHandlerContext) {
        guard wasOwed != (clock.owed > 0) else { return }
        wasOwed.toggle()
        book.note(context.channel, isOwed: wasOwed)
    }

    /// Whether the client has asked more than it may before it takes an answer.
    private var hasAskedEnough: Bool { clock.owed >= clock.limits.owed }

    private func begin(_ context: ChannelHandlerContext) {
        guard ticking == nil else { return }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        ticking = context.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            let (guardian, context) = bound.value
            guardian.look(context)
        }
    }

    private func end() {
        ticking?.cancel()
        ticking = nil
        (bytes.guardian, requests.guardian) = (nil, nil)
    }

    private func look(_ context: ChannelHandlerContext) {
        let waiting = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        guard let ending = clock.verdict(now: .now(), taken: written - waiting, waiting: waiting) else { return }
        book.note(ending)
        context.close(promise: nil)
    }

    /// Sees the bytes as they come and go.
    final class BytesHandler: ChannelDuplexHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundIn = IOData
        fileprivate var guardian: ConnectionGuard?

        func handlerAdded(context: ChannelHandlerContext) { guardian?.begin(context) }

        func handlerRemoved(context: ChannelHandlerContext) { guardian?.end() }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guardian?.clock.received(now: .now())
            context.fireChannelRead(data)
        }

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            guardian?.written += unwrapOutboundIn(data).readableBytes
            context.write(data, promise: promise)
        }
    }

    /// Sees where requests and answers end.
    final class RequestsHandler: ChannelDuplexHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundIn = HTTPServerResponsePart
        fileprivate var guardian: ConnectionGuard?
        /// A request was no request: what comes behind it is none either.
        private var isBroken = false

        /// Whether a request names one host, as RFC 9112 (3.2) asks of HTTP/1.1.
        private static func namesHost(_ head: HTTPRequestHead) -> Bool {
            head.version == .http1_0 || head.headers["host"].count == 1
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if isBroken { return }
            switch unwrapInboundIn(data) {
            case .head(let head) where !RequestsHandler.namesHost(head):
                isBroken = true
                // The connection answers it, and ends.
                context.fireErrorCaught(HTTPParserError.invalidHeaderToken)
                return
            case .head where guardian?.hasAskedEnough == true:
                isBroken = true
                guardian?.book.note(.slowReader)
                context.close(promise: nil)
                return
            case .head: guardian?.clock.headEnded(now: .now())
            case .body: break
            case .end: guardian?.clock.requestEnded(now: .now())
            }
            guardian?.changed(context)
            context.fireChannelRead(data)
        }

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            if case .end = unwrapOutboundIn(data) {
                guardian?.clock.answerEnded(now: .now())
                guardian?.changed(context)
            }
            context.write(data, promise: promise)
        }
    }
}

/// Says that there is no place, and ends the connection.
private final class RefusingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let places: Int

    init(places: Int) { self.places = places }

    func channelActive(context: ChannelHandlerContext) {
        let problem = Problem.text(
            .serviceUnavailable,
            "all \(places) connections to the daemon are taken and busy: try again in some seconds",
            exit: .unreachable)
        let answer = """
            HTTP/1.1 503 Service Unavailable\r
            Content-Type: application/problem+json\r
            Content-Length: \(problem.utf8.count)\r
            Retry-After: 5\r
            Connection: close\r
            \r
            \(problem)
            """
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        context.close(mode: .output, promise: nil)
        // What was sent is read first, or it would take our answer with it.
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(200)) { bound.value.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
}
