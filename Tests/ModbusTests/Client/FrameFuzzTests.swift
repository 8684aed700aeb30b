import TestKit
import Testing

@testable import Modbus

@Suite("Frames that no device should send")
struct FrameFuzzTests {
    private func request(_ rubbish: inout Rubbish) -> ReadRequest {
        let function = ReadFunction.allCases.randomElement(using: &rubbish) ?? .holdingRegisters
        return ReadRequest(
            unit: UInt8(rubbish.below(256)), function: function, address: UInt16(rubbish.below(65_536)),
            count: 1 + rubbish.below(function.limit))
    }

    /// Bytes that begin like an answer to the request, and go on anyhow.
    private func answer(_ rubbish: inout Rubbish, _ request: ReadRequest, overTCP: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0...rubbish.below(3) {
            let length =
                [2, 3, 3 + request.byteCount, 254, 255, rubbish.below(300)].randomElement(using: &rubbish) ?? 2
            if overTCP { bytes += [0, UInt8(rubbish.below(2)), 0, 0, UInt8(length >> 8), UInt8(length & 255)] }
            bytes += [
                request.unit, request.function.rawValue | (rubbish.below(4) == 0 ? 0x80 : 0),
                UInt8(rubbish.below(3) == 0 ? rubbish.below(256) : request.byteCount),
            ]
            bytes += rubbish.bytes(upTo: 2 + request.byteCount)
        }
        if rubbish.below(3) == 0 { bytes += rubbish.bytes(upTo: 600) }
        if !bytes.isEmpty, rubbish.below(2) == 0 { bytes.removeLast(rubbish.below(bytes.count)) }
        return bytes
    }

    @Test("are told apart without leaving their bytes")
    func answers() {
        for round in 0..<Rubbish.rounds * 20 {
            var rubbish = Rubbish(round: round)
            let request = request(&rubbish)
            var counters = WireCounters()
            answer(&rubbish, request, overTCP: true).withUnsafeBytes { bytes in
                var consumed = 0
                let scanner = TCPAnswerScanner(request: request, transaction: 1)
                if case .answered(let data) = scanner.scan(bytes, consumed: &consumed, counters: &counters) {
                    #expect(data.count == request.byteCount && data.upperBound <= bytes.count)
                    _ = TCPAnswerScanner.isMadeWhole(bytes, data: data)
                }
                #expect(consumed <= bytes.count)
                _ = TCPAnswerScanner.canBegin(bytes)
                var drained = 0
                _ = TCPAnswerScanner.drain(bytes, consumed: &drained, counters: &counters)
                #expect(drained <= bytes.count)
            }
            answer(&rubbish, request, overTCP: false).withUnsafeBytes { bytes in
                let scanner = SerialAnswerScanner(request: request)
                _ = scanner.scan(bytes)
                _ = scanner.hasGarbledAnswer(bytes)
                let stray = StrayFrames(bytes, sent: request)
                #expect(stray.frames.count * 5 <= bytes.count)
            }
        }
    }

    @Test("nor identifications of devices, nor requests to a server")
    func others() {
        for round in 0..<Rubbish.rounds * 20 {
            var rubbish = Rubbish(round: round)
            let objects = (0..<rubbish.below(4)).flatMap { number -> [UInt8] in
                [UInt8(number), UInt8(rubbish.below(30))] + rubbish.bytes(upTo: 30)
            }
            let page = [0x2B, 0x0E, 1, 1, 0xFF, UInt8(rubbish.below(256)), UInt8(rubbish.below(5))] + objects
            page.withUnsafeBytes { bytes in
                if let page = IdentificationPage(bytes) { #expect(page.length <= bytes.count) }
            }
            for framing in [ServerFraming.tcp, .rtu] {
                var reader = RequestReader(framing)
                for _ in 0..<4 {
                    var bytes = rubbish.bytes(upTo: 40)
                    if bytes.count > 6, rubbish.below(2) == 0 { (bytes[2], bytes[3], bytes[4]) = (0, 0, 0) }
                    reader.feed(bytes[...])
                    while case .request = reader.next() {}
                }
                _ = reader.silence()
            }
        }
    }
}
