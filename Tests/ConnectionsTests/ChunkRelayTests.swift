import Synchronization
import Testing

@testable import Connections
@testable import PlantAPI

@Suite("The relay between the maker of a long answer and its connection")
struct ChunkRelayTests {
    private struct Broken: Error {}

    /// A clock that stands still until it is set on.
    private final class StandingClock: Sendable {
        private let time = Atomic<Int64>(0)

        var read: @Sendable () -> Int64 { { self.time.load(ordering: .sequentiallyConsistent) } }

        func setOn(milliseconds: Int64) { time.add(milliseconds * 1_000_000, ordering: .sequentiallyConsistent) }
    }

    /// Makes so many pieces; gives what takes them and, later, what the maker met.
    private func start(
        pieces: Int, _ limits: ChunkRelay.Limits = .init(), clock: StandingClock = StandingClock(),
        failing: Bool = false
    ) throws -> (outlet: ChunkRelay.Outlet, met: AsyncStream<(any Error)?>) {
        let (met, say) = AsyncStream<(any Error)?>.makeStream()
        let outlet = try ChunkRelay.start("test", limits, clock: clock.read) { send in
            do {
                for number in 0..<pieces { try send([UInt8(truncatingIfNeeded: number)]) }
                if failing { throw Broken() }
                say.yield(nil)
            } catch {
                say.yield(error)
                throw error
            }
        }
        return (outlet, met)
    }

    private func first(_ met: AsyncStream<(any Error)?>) async -> (any Error)? {
        for await error in met { return error }
        return nil
    }

    @Test("hands over every piece in order", arguments: [0, 1, 4, 5, 1000])
    func whole(pieces: Int) async throws {
        let (outlet, _) = try start(pieces: pieces)
        var taken: [UInt8] = []
        while let piece = try await outlet.next() { taken += piece }
        #expect(taken == (0..<pieces).map { UInt8(truncatingIfNeeded: $0) })
        #expect(try await outlet.next() == nil)
    }

    @Test("ends the maker when nobody takes the rest, after any number of pieces", arguments: 0..<40)
    func hungUp(taken: Int) async throws {
        var started: (outlet: ChunkRelay.Outlet, met: AsyncStream<(any Error)?>)? = try start(pieces: 10_000)
        for _ in 0..<taken { _ = try await started?.outlet.next() }
        let met = try #require(started?.met)
        started = nil
        #expect(await first(met) as? ChunkRelay.Abandonment == .hungUp)
    }

    @Test("gives up a connection that takes nothing, and one that takes for too long")
    func limits() async throws {
        let clock = StandingClock()
        let slow = try start(pieces: 1_000_000, .init(patience: 30, lifetime: 1_000_000_000_000), clock: clock)
        // However long the machine takes for it: by its own clock no time has passed.
        for _ in 0..<100 { #expect(try await slow.outlet.next() != nil) }
        let why = Mutex<(any Error)?>(nil)
        let waiting = Task {
            let error = await first(slow.met)
            why.withLock { $0 = error }
        }
        // The maker may not have begun to wait yet.
        while why.withLock({ $0 == nil }) {
            clock.setOn(milliseconds: 30)
            await Task.yield()
        }
        await waiting.value
        #expect(why.withLock { $0 as? ChunkRelay.Abandonment } == .tooSlow)
        await #expect(throws: ChunkRelay.Abandonment.tooSlow) { while try await slow.outlet.next() != nil {} }
        let long = try start(pieces: 10, .init(patience: 60_000, lifetime: 30), clock: clock)
        clock.setOn(milliseconds: 30)
        #expect(await first(long.met) as? ChunkRelay.Abandonment == .tooLong)
    }

    @Test("says what the maker met, after the pieces it made")
    func failing() async throws {
        let (outlet, _) = try start(pieces: 2, failing: true)
        #expect(try await outlet.next() == [0])
        #expect(try await outlet.next() == [1])
        await #expect(throws: Broken.self) { try await outlet.next() }
    }
}

@Suite("The turnstile before the answers")
struct TurnstileTests {
    @Test("lets so many in, makes some wait, and sends the others away")
    func places() async throws {
        let turnstile = Turnstile("guests", places: 2, queue: 1, patience: .seconds(86_400))
        var inside = [try await turnstile.enter(), try await turnstile.enter()]
        async let third = turnstile.enter()
        // Whoever comes while one waits is sent away; until then this one waits in its place and is let in.
        inside.removeLast()
        inside.append(try await third)
        let none = Turnstile("guests", places: 1, queue: 0)
        let place = try await none.enter()
        await #expect(throws: CommandError.self) { try await none.enter() }
        withExtendedLifetime((inside, place)) {}
    }

    @Test("sends away who has waited long enough, and gives the place to the next one")
    func patience() async throws {
        let turnstile = Turnstile("guests", places: 1, queue: 4, patience: .milliseconds(20))
        var place: Turnstile.Place? = try await turnstile.enter()
        await #expect(throws: CommandError.self) { try await turnstile.enter() }
        withExtendedLifetime(place) {}
        place = nil
        for _ in 0..<1000 { _ = try await turnstile.enter() }
    }

    @Test("never lets more in, however many come and go at a time")
    func crowd() async throws {
        let turnstile = Turnstile("guests", places: 3, queue: 1000, patience: .seconds(86_400))
        let inside = Headcount()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<300 {
                group.addTask {
                    let place = try await turnstile.enter()
                    inside.change(by: 1)
                    await Task.yield()
                    inside.change(by: -1)
                    withExtendedLifetime(place) {}
                }
            }
            try await group.waitForAll()
        }
        #expect(inside.most <= 3)
    }
}

/// Counts who is inside.
private final class Headcount: Sendable {
    private let state = Mutex((now: 0, most: 0))

    var most: Int { state.withLock { $0.most } }

    func change(by step: Int) {
        state.withLock { state in
            state.now += step
            state.most = max(state.most, state.now)
        }
    }
}
