/// The answers on a serial line that were given up and may still come.
///
/// A serial answer names neither its request nor its address, so an answer that comes late looks like the answer to the next
/// request of the same shape. While one may be under way, no request of its shape should be made to that unit. Where one
/// must be, a fence of another length goes first, and once that is answered everything before it has passed: devices answer in
/// order, though a radio link or a converter between may not.
///
/// On a line where frames that nobody waited for have been seen, an answer that was taken may come a second time: it is
/// expected again for a while, for as long as a minute after the last such frame.
package struct LateAnswers: Sendable {
    private struct Awaited: Sendable {
        var shape: AnswerShape
        var until: Int64
    }

    /// Nanoseconds after which an answer that was given up is no longer expected.
    private let horizon: Int64
    /// Nanoseconds for which an answer that was taken may come again.
    private let repeatHorizon: Int64
    private var suspiciousUntil: Int64 = 0
    private var awaited: [Awaited] = []

    /// None awaited; the horizon is 20 timeouts, and at least 10 s.
    package init(timeout: Int64) {
        horizon = max(20 * timeout, 10_000_000_000)
        repeatHorizon = max(2 * timeout, 3_000_000_000)
    }

    /// Whether nothing is awaited at all.
    package var isEmpty: Bool { awaited.isEmpty }

    /// Records that the request was given up at `now`.
    package mutating func gaveUp(_ request: ReadRequest, now: Int64) {
        awaited.removeAll { $0.until <= now }
        awaited.append(Awaited(shape: request.shape, until: now + horizon))
    }

    /// Records that a whole frame came that nobody waited for.
    package mutating func strayed(now: Int64) { suspiciousUntil = now + 60_000_000_000 }

    /// Whether frames that nobody waited for have come in the last minute.
    package func isSuspicious(now: Int64) -> Bool { now < suspiciousUntil }

    /// Records that the request was answered.
    package mutating func answered(_ request: ReadRequest, now: Int64) {
        guard isSuspicious(now: now) else { return }
        awaited.removeAll { $0.until <= now }
        awaited.append(Awaited(shape: request.shape, until: now + repeatHorizon))
    }

    /// Whether an answer of the shape is awaited.
    ///
    /// Seeing one does not mean that no second one is under way: only a fence settles that.
    package func isAwaited(_ shape: AnswerShape) -> Bool { awaited.contains { $0.shape == shape } }

    /// Records that the unit answered a request no late answer could be taken for: nothing older is under way.
    package mutating func settled(unit: UInt8) {
        if !awaited.isEmpty { awaited.removeAll { $0.shape.unit == unit } }
    }

    /// Whether an answer to this request could not be told from a late one.
    package func couldBeMistaken(_ request: ReadRequest, now: Int64) -> Bool {
        awaited.contains { $0.shape == request.shape && $0.until > now }
    }

    /// A request near the given one whose answer cannot be mistaken; nil when every length is awaited.
    ///
    /// One cell is tried first, then shorter stretches of the same cells, longest first, then longer ones.
    package func fence(for request: ReadRequest, now: Int64) -> ReadRequest? {
        let shorter = stride(from: request.count - 1, through: 1, by: -1)
        for count in [1] + shorter where count < request.count {
            let candidate = ReadRequest(
                unit: request.unit, function: request.function, address: request.address, count: count)
            if !couldBeMistaken(candidate, now: now) { return candidate }
        }
        let top = min(request.function.limit, Int(UInt16.max) - Int(request.address) + 1)
        guard request.count < top else { return nil }
        for count in (request.count + 1)...top {
            let candidate = ReadRequest(
                unit: request.unit, function: request.function, address: request.address, count: count)
            if !couldBeMistaken(candidate, now: now) { return candidate }
        }
        return nil
    }
}
