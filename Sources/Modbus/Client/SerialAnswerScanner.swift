/// Finds the answer to a request among the bytes of a serial line.
///
/// The answer is taken only where unit, function, length and checksum all fit; what stands before it is told apart into late
/// answers, foreign frames and rubbish. Some adapters hear what they send: the echo of a request for 17 to 24 bits at 0x03xx has
/// all that an answer has, and is none.
package struct SerialAnswerScanner: Sendable {
    private let request: ReadRequest
    /// What an echo of the request has in the place of an answer's data.
    private let echo: [UInt8]
    /// Bytes of the answer that is looked for.
    package let expectedLength: Int

    /// Looks for the answer to `request`.
    package init(request: ReadRequest) {
        self.request = request
        expectedLength = 5 + request.byteCount
        let looksLikeAnAnswer = request.byteCount == 3 && request.address >> 8 == 3
        echo =
            looksLikeAnAnswer ? [UInt8(request.address & 0xFF), UInt8(request.count >> 8), UInt8(request.count)] : []
    }

    /// Looks at all bytes received since the request was sent.
    package func scan(_ bytes: UnsafeRawBufferPointer) -> (verdict: AnswerVerdict, start: Int) {
        var start = 0
        while bytes.count - start >= 5 {
            if bytes[start] == request.unit {
                let function = bytes[start + 1]
                if function == request.function.rawValue, Int(bytes[start + 2]) == request.byteCount,
                    bytes.count - start >= expectedLength,
                    FrameChecksum.closes(UnsafeRawBufferPointer(rebasing: bytes[start..<start + expectedLength])),
                    echo.isEmpty || !bytes[start + 3..<start + 6].elementsEqual(echo)
                {
                    return (.answered(start + 3..<start + expectedLength - 2), start)
                }
                if function == request.function.rawValue | 0x80,
                    FrameChecksum.closes(UnsafeRawBufferPointer(rebasing: bytes[start..<start + 5]))
                {
                    return (.exception(bytes[start + 2]), start)
                }
            }
            start += 1
        }
        return (.incomplete, 0)
    }

    /// Whether a frame with the answer's head and length lies in the bytes, or they are an exception, whatever the
    /// checksum.
    package func hasGarbledAnswer(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if bytes.count == 5, bytes[0] == request.unit, bytes[1] == request.function.rawValue | 0x80 { return true }
        guard bytes.count >= expectedLength else { return false }
        return (0...bytes.count - expectedLength).contains { start in
            bytes[start] == request.unit && bytes[start + 1] == request.function.rawValue
                && Int(bytes[start + 2]) == request.byteCount
        }
    }

    /// Counts what the bytes are that are no answer.
    package static func classify(
        _ bytes: UnsafeRawBufferPointer, late: LateAnswers, counters: inout WireCounters
    ) {
        var start = 0
        var rubbish = false
        while start < bytes.count {
            if let frame = wholeFrame(in: bytes, at: start) {
                if let shape = frame.shape, late.isAwaited(shape) {
                    counters.late += 1
                } else {
                    counters.foreign += 1
                }
                start += frame.length
            } else {
                rubbish = true
                start += 1
            }
        }
        if rubbish { counters.garbled += 1 }
    }

    private static func wholeFrame(
        in bytes: UnsafeRawBufferPointer, at start: Int
    ) -> (length: Int, shape: AnswerShape?)? {
        guard bytes.count - start >= 5 else { return nil }
        let function = bytes[start + 1]
        if function & 0x80 != 0 {
            let isFrame = FrameChecksum.closes(UnsafeRawBufferPointer(rebasing: bytes[start..<start + 5]))
            return isFrame ? (5, nil) : nil
        }
        guard let known = ReadFunction(rawValue: function) else { return nil }
        let byteCount = bytes[start + 2]
        let length = 5 + Int(byteCount)
        guard bytes.count - start >= length,
            FrameChecksum.closes(UnsafeRawBufferPointer(rebasing: bytes[start..<start + length]))
        else { return nil }
        return (length, AnswerShape(unit: bytes[start], function: known, byteCount: byteCount))
    }
}
