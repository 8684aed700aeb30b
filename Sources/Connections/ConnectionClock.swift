import NIOCore

/// What a connection's client may take its time for.
package struct ConnectionLimits: Sendable {
    /// From the first byte of a request to the end of its headers.
    package var head = TimeAmount.seconds(10)
    /// From the first byte of a request to its end.
    package var request = TimeAmount.seconds(30)
    /// Between two requests.
    package var idle = TimeAmount.seconds(60)
    /// For taking ``leastTaken`` bytes of an answer, or all that is waiting.
    package var taking = TimeAmount.seconds(10)
    /// Bytes.
    package var leastTaken = 65_536
    /// Requests of a connection that may wait for their answers. Each is kept in parts, which are much larger than its text.
    package var owed = 32
    /// For going on with a request that has been answered before it came to its end.
    package var afterword = TimeAmount.seconds(1)

    /// The limits of every listener.
    package init() {}
}

/// Whether a connection's client is in time; used on the connection's own thread, with instants that are given to it.
package struct ConnectionClock {
    /// Where the client is with the request that it is sending.
    private enum Sending {
        case nothing
        case head(since: NIODeadline)
        case body(since: NIODeadline)
    }

    package let limits: ConnectionLimits
    private var sending = Sending.nothing
    private var isAnsweredEarly = false
    /// Requests that came to their end and whose answers did not.
    package private(set) var owed = 0
    private var heads = 0
    private var answers = 0
    private var quietSince: NIODeadline
    private var taking: (since: NIODeadline, taken: Int)?

    package init(_ limits: ConnectionLimits = .init(), now: NIODeadline) {
        self.limits = limits
        quietSince = now
    }

    /// Bytes came.
    package mutating func received(now: NIODeadline) {
        if case .nothing = sending { sending = .head(since: now) }
    }

    /// The headers of a request came to their end.
    package mutating func headEnded(now: NIODeadline) {
        heads += 1
        isAnsweredEarly = false
        if case .head(let since) = sending { sending = .body(since: since) } else { sending = .body(since: now) }
    }

    /// A request came to its end.
    package mutating func requestEnded(now: NIODeadline) {
        sending = .nothing
        quietSince = now
        if !isAnsweredEarly { owed += 1 }
    }

    /// The last piece of an answer was handed over.
    package mutating func answerEnded(now: NIODeadline) {
        answers += 1
        quietSince = now
        if owed > 0 {
            owed -= 1
        } else if case .body = sending, answers >= heads {
            isAnsweredEarly = true
            sending = .body(since: now)
        }
    }

    /// Looks at the time; `taken` of all bytes written so far have left, `waiting` have not.
    package mutating func verdict(now: NIODeadline, taken: Int, waiting: Int) -> ConnectionBook.Ending? {
        if waiting == 0 {
            taking = nil
        } else if let taking {
            if now - taking.since >= limits.taking {
                if taken - taking.taken < limits.leastTaken { return .slowReader }
                self.taking = (now, taken)
            }
        } else {
            taking = (now, taken)
        }
        // Whoever waits for an answer is in time, and what comes after it is not read meanwhile.
        if owed > 0 || waiting > 0 { return nil }
        switch sending {
        case .nothing: return now - quietSince >= limits.idle ? .idle : nil
        case .head(let since): return now - since >= limits.head ? .slowRequest : nil
        case .body(let since):
            return now - since >= (isAnsweredEarly ? limits.afterword : limits.request) ? .slowRequest : nil
        }
    }
}
