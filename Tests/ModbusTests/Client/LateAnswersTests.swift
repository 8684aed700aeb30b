import Testing

@testable import Modbus

@Suite("Late answers on a serial line")
struct LateAnswersTests {
    private func request(_ count: Int, unit: UInt8 = 1, function: ReadFunction = .holdingRegisters) -> ReadRequest {
        ReadRequest(unit: unit, function: function, address: 10, count: count)
    }

    @Test("only the same unit, function and length could be mistaken")
    func shapes() {
        var late = LateAnswers(timeout: 1)
        late.gaveUp(request(4), now: 0)
        #expect(late.awaited(request(4), now: 1) == .outstanding)
        #expect(late.awaited(request(4, unit: 2), now: 1) == .nothing)
        #expect(late.awaited(request(4, function: .inputRegisters), now: 1) == .nothing)
        #expect(late.awaited(request(5), now: 1) == .nothing)
    }

    @Test("bits of one byte are one shape")
    func bits() {
        var late = LateAnswers(timeout: 1)
        late.gaveUp(request(3, function: .coils), now: 0)
        #expect(late.awaited(request(8, function: .coils), now: 1) == .outstanding)
        let fence = late.fence(for: request(3, function: .coils), now: 1)
        #expect(fence?.byteCount == 2)
    }

    @Test("a fence differs from everything that may still come, and settles it")
    func fences() {
        var late = LateAnswers(timeout: 1)
        late.gaveUp(request(3), now: 0)
        #expect(late.fence(for: request(3), now: 1)?.count == 1)
        late.gaveUp(request(1), now: 0)
        #expect(late.fence(for: request(3), now: 1)?.count == 2)
        late.gaveUp(request(2), now: 0)
        #expect(late.fence(for: request(3), now: 1)?.count == 4)
        late.settled(unit: 1)
        #expect(late.isEmpty)
    }

    @Test("what does not come within the horizon is no longer expected")
    func horizon() {
        var late = LateAnswers(timeout: 1_000_000_000)
        late.gaveUp(request(3), now: 0)
        #expect(late.awaited(request(3), now: 19_999_999_999) == .outstanding)
        #expect(late.awaited(request(3), now: 20_000_000_000) == .nothing)
    }

    @Test("where strays were seen, an answer may come a second time")
    func echoes() {
        var late = LateAnswers(timeout: 100)
        late.answered(request(3), now: 0)
        #expect(late.isEmpty)
        late.strayed(now: 0)
        late.answered(request(3), now: 10)
        #expect(late.awaited(request(3), now: 10_000_000_009) == .again)
        // A longer one may be refused, and is not worth it.
        #expect(late.fence(for: request(3), now: 20)?.count == 1)
        #expect(late.fence(for: request(1), now: 20) == nil)
        #expect(late.awaited(request(3), now: 10_000_000_010) == .nothing)
    }

    @Test(
        "silences and characters follow the rate",
        arguments: [
            (9600, 4_010_416, 1_145_833), (19200, 2_005_208, 572_916), (38400, 1_750_000, 286_458),
            (115_200, 1_750_000, 95_486),
        ] as [(Int, Int64, Int64)])
    func timing(baud: Int, silence: Int64, character: Int64) {
        #expect(LineTiming(baud: baud).silence == silence)
        #expect(LineTiming(baud: baud).character == character)
    }
}
