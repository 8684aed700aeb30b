import Testing

@testable import Modbus

@Suite("Frames on a serial line that nobody waits for")
struct StrayFramesTests {
    private let sent = ReadRequest(unit: 1, function: .holdingRegisters, address: 16, count: 2)

    private func frames(_ pdus: [[UInt8]], rubbish: [UInt8] = []) -> StrayFrames {
        let bytes = pdus.flatMap { pdu -> [UInt8] in
            let checksum = FrameChecksum.of(pdu)
            return pdu + [UInt8(checksum & 0xFF), UInt8(checksum >> 8)]
        }
        return (bytes + rubbish).withUnsafeBytes { StrayFrames($0, sent: sent) }
    }

    @Test("a request of another master is told from an answer, and from the echo of one's own")
    func kinds() {
        let stray = frames([
            [1, 3, 0, 16, 0, 2], [5, 4, 0, 0, 0, 10], [5, 4, 2, 0, 9], [9, 0x83, 2], [7, 6, 0, 1, 0, 5],
            [7, 16, 0, 1, 0, 1, 2, 0, 9], [7, 16, 0, 1, 0, 1],
        ])
        let asked = ReadRequest(unit: 5, function: .inputRegisters, address: 0, count: 10)
        let short = AnswerShape(unit: 5, function: .inputRegisters, byteCount: 2)
        #expect(
            stray.frames == [
                .echo, .request(5, asked), .answer(short), .answer(nil), .request(7, nil), .request(7, nil),
                .answer(nil),
            ])
        #expect(!stray.hasRubbish && !stray.endsWithRequest)
        #expect(stray.asks(5) && stray.asks(7) && !stray.asks(1))
        let shorter = ReadRequest(unit: 5, function: .inputRegisters, address: 90, count: 9)
        #expect(stray.asks(like: asked, exception: false) && !stray.asks(like: shorter, exception: false))
        #expect(stray.asks(like: shorter, exception: true) && !stray.asks(like: sent, exception: true))
    }

    @Test("bytes with a wrong checksum, or for more than a request may ask, are none")
    func none() {
        #expect(frames([], rubbish: [5, 4, 0, 0, 0, 10, 1, 2]).frames.isEmpty)
        #expect(frames([[5, 4, 0, 0, 0, 200]]).frames.isEmpty)
        #expect(frames([[5, 4, 0, 0, 0, 10]]).endsWithRequest)
        #expect(frames([[5, 4, 0, 0, 0, 10]], rubbish: [1]).hasRubbish)
    }
}
