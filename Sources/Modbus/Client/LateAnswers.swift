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
    /// What may still come that looks like the answer to a request.
    package enum Awaited: Sendable, Comparable {
        case nothing
        /// An answer that was taken, once more.
        case again
        /// One that was given up.
        case outstanding
    }

    private struct Entry: Sendable {
        var shape: AnswerShape
        var until: Int64
        var awaited: Awaited
    }

    /// Nanoseconds after which an answer that was given up is no longer expected.
    private let horizon: Int64
    /// Nanoseconds for which an answer that was taken may come again.
    private let repeatHorizon: Int64
    private var suspiciousUntil: Int64 = 0
    private var entries: [Entry] = []

    /// None awaited; the horizon is 20 timeouts, and at least 10 s.
    package init(timeout: Int64) {
        horizon = max(20 * timeout, 10_000_000_000)
        repeatHorizon = max(2 * timeout, 10_000_000_000)
    }

    /// Whether nothing is awaited at all.
    package var isEmpty: Bool { entries.isEmpty }

    /// Records that the request was given up at `now`.
    package mutating func gaveUp(_ request: ReadRequest, now: Int64) {
        expect(Entry(shape: request.shape, until: now + horizon, awaited: .outstanding), now: now)
    }

    /// Records that a whole frame came that nobody waited for.
    package mutating func strayed(now: Int64) { suspiciousUntil = now + 60_000_000_000 }

    /// Whether frames that nobody waited for have come in the last minute.
    package func isSuspicious(now: Int64) -> Bool { now < suspiciousUntil }

    /// Records that the request was answered.
    package mutating func answered(_ request: ReadRequest, now: Int64) {
        guard isSuspicious(now: now) else { return }
        expect(Entry(shape: request.shape, until: now + repeatHorizon, awaited: .again), now: now)
    }

    private mutating func expect(_ entry: Entry, now: Int64) {
        entries.removeAll { $0.until <= now || ($0.shape == entry.shape && $0.awaited == entry.awaited) }
        entries.append(entry)
    }

    /// Whether an answer of the shape is awaited.
    ///
    /// Seeing one does not mean that no second one is under way: only a fence settles that.
    package func isAwaited(_ shape: AnswerShape) -> Bool { entries.contains { $0.shape == shape } }

    /// Records that the unit answered a request no late answer could be taken for: nothing older is under way.
    package mutating func settled(unit: UInt8) {
        if !entries.isEmpty { entries.removeAll { $0.shape.unit == unit } }
    }

    /// What may still come that could be taken for the answer to this request.
    package func awaited(_ request: ReadRequest, now: Int64) -> Awaited {
        entries.lazy.filter { $0.shape == request.shape && $0.until > now }.map(\.awaited).max() ?? .nothing
    }

    /// A request near the given one whose answer cannot be mistaken; nil when every length is awaited.
    ///
    /// One cell is tried first, then shorter stretches of the same cells, longest first, then longer ones, which the device
    /// may not give, where an answer is outstanding.
    package func fence(for request: ReadRequest, now: Int64) -> ReadRequest? {
        let shorter = stride(from: request.count - 1, through: 1, by: -1)
        for count in [1] + shorter where count < request.count {
            let candidate = ReadRequest(
                unit: request.unit, function: request.function, address: request.address, count: count)
            if awaited(candidate, now: now) == .nothing { return candidate }
        }
        guard awaited(request, now: now) == .outstanding else { return nil }
        let top = min(request.function.limit, Int(UInt16.max) - Int(request.address) + 1)
        guard request.count < top else { return nil }
        for count in (request.count + 1)...top {
            let candidate = ReadRequest(
                unit: request.unit, function: request.function, address: request.address, count: count)
            if awaited(candidate, now: now) == .nothing { return candidate }
        }
        return nil
    }
}
