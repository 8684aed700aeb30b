import HTTPTypes
import Hummingbird
import NIOCore

/// Sends what another responder answers no faster than its client takes it, and counts it among the answers that wait until it has gone.
///
/// The connection is not asked for its next request before, so that nothing is made for a client that takes nothing.
package struct PacedResponder<Inner: HTTPResponder>: HTTPResponder where Inner.Context == CallContext {
    package typealias Context = CallContext

    private let inner: Inner
    private let waiting: WaitingAnswers
    private let book: ConnectionBook

    /// The answers of `inner`, counted in `waiting`.
    package init(_ inner: Inner, waiting: WaitingAnswers, book: ConnectionBook) {
        self.inner = inner
        self.waiting = waiting
        self.book = book
    }

    package func respond(to request: Request, context: CallContext) async throws -> Response {
        var response = try await inner.respond(to: request, context: context)
        // An answer without a length is made as it is taken.
        guard let length = response.body.contentLength, length > WaitingAnswers.small else { return response }
        let channel = context.channel
        let entry = waiting.enter(bytes: length) { [book] in
            book.note(.slowReader)
            channel.close(promise: nil)
        }
        response.body = ResponseBody(contentLength: length) { [body = response.body] writer in
            try await body.write(PieceWriter(writer: writer, entry: entry, channel: channel))
        }
        return response
    }
}

/// Hands the connection a small piece at a time, each when it has taken nearly all of those before.
private struct PieceWriter: ResponseBodyWriter {
    var writer: any ResponseBodyWriter
    let entry: WaitingAnswers.Entry
    let channel: any Channel

    mutating func write(_ buffer: ByteBuffer) async throws {
        var rest = buffer
        while let piece = rest.readSlice(length: min(rest.readableBytes, WaitingAnswers.small)), piece.readableBytes > 0
        {
            try await writer.write(piece)
            // The writer takes on more until the connection's own thread has said that it is enough.
            try await channel.eventLoop.submit {}.get()
            entry.took()
        }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws { try await writer.finish(trailingHeaders) }
}
