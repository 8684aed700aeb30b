import NIOCore
import Testing

@testable import Connections

@Suite("The time a client may take")
struct ConnectionClockTests {
    /// What happens on a connection, with the second at which it does.
    private enum Event {
        case bytes, head, end, answered
    }

    private func at(_ second: Double) -> NIODeadline { .uptimeNanoseconds(UInt64(second * 1e9)) }

    /// Why and when the connection ends, looked at each second.
    private func ending(_ events: [(Double, Event)], waiting: Int = 0, taken: (Int) -> Int = { _ in 0 }) -> String {
        var clock = ConnectionClock(now: at(0))
        for second in 0..<200 {
            for (time, event) in events where Int(time) == second {
                switch event {
                case .bytes: clock.received(now: at(time))
                case .head: clock.headEnded(now: at(time))
                case .end: clock.requestEnded(now: at(time))
                case .answered: clock.answerEnded(now: at(time))
                }
            }
            if let ending = clock.verdict(now: at(Double(second) + 0.9), taken: taken(second), waiting: waiting) {
                return "\(ending.rawValue) \(second)"
            }
        }
        return "none"
    }

    @Test("is a minute between requests, ten seconds for headers, half a minute for all of a request")
    func requests() {
        #expect(ending([]) == "idle 60")
        #expect(ending([(5, .bytes)]) == "slow_request 15")
        #expect(ending([(5, .bytes), (8, .bytes), (14, .bytes)]) == "slow_request 15")
        #expect(ending([(5, .bytes), (9, .head), (20, .bytes)]) == "slow_request 35")
        #expect(ending([(5, .bytes), (5, .head), (5.5, .end), (7, .answered)]) == "idle 67")
    }

    @Test("does not run while an answer is owed, whatever comes meanwhile")
    func owed() {
        #expect(ending([(1, .bytes), (1, .head), (1.5, .end)]) == "none")
        #expect(ending([(1, .bytes), (1, .head), (1.5, .end), (2, .bytes)]) == "none")
        #expect(
            ending([(1, .bytes), (1, .head), (1.2, .end), (2, .bytes), (2, .head), (2.2, .end), (3, .answered)])
                == "none")
    }

    @Test("is a second for what follows an answer that came before the request's end")
    func early() {
        #expect(ending([(1, .bytes), (1, .head), (2, .answered), (3, .bytes)]) == "slow_request 3")
        // Where the end does come, the connection goes on.
        #expect(ending([(1, .bytes), (1, .head), (2.1, .answered), (2.5, .end)]) == "idle 62")
    }

    @Test("is ten seconds for 64 kB of an answer, or for all that waits")
    func taking() {
        let asked: [(Double, Event)] = [(1, .bytes), (1, .head), (1, .end)]
        #expect(ending(asked, waiting: 1) == "slow_reader 10")
        #expect(ending(asked, waiting: 1) { $0 * 6000 } == "slow_reader 10")
        #expect(ending(asked, waiting: 1) { $0 * 7000 } == "none")
        #expect(ending(asked, waiting: 1) { min($0, 100) * 10_000 } == "slow_reader 110")
        #expect(ending(asked, waiting: 0) == "none")
    }
}
