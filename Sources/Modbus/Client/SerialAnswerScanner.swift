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
        echo =
            request.echoLooksLikeAnswer
            ? [UInt8(request.address & 0xFF), UInt8(request.count >> 8), UInt8(request.count)] : []
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
                    !isEcho(bytes, at: start)
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
                && Int(bytes[start + 2]) == request.byteCount && !isEcho(bytes, at: start)
        }
    }

    private func isEcho(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Bool {
        !echo.isEmpty && bytes[start + 3..<start + 6].elementsEqual(echo)
    }
}
