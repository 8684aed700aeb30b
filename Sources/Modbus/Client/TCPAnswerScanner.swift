/// Finds the answer to a request in the bytes of a Modbus TCP connection.
///
/// Frames of other transactions are drained and counted, a frame of ours that is not an answer to the request ends it, and a
/// header that cannot be one breaks the stream.
package struct TCPAnswerScanner: Sendable {
    private let request: ReadRequest
    private let transaction: UInt16

    /// Looks for the answer to `request`, sent as `transaction`.
    package init(request: ReadRequest, transaction: UInt16) {
        self.request = request
        self.transaction = transaction
    }

    /// Looks at the received bytes; `consumed` says how many of them are done with.
    package func scan(
        _ bytes: UnsafeRawBufferPointer, consumed: inout Int, counters: inout WireCounters
    ) -> AnswerVerdict {
        while bytes.count - consumed >= 6 {
            let start = consumed
            let length = Int(bytes[start + 4]) << 8 | Int(bytes[start + 5])
            guard bytes[start + 2] == 0, bytes[start + 3] == 0, (2...254).contains(length) else {
                counters.garbled += 1
                return .broken
            }
            guard bytes.count - start >= 6 + length else { return .incomplete }
            consumed = start + 6 + length
            let number = UInt16(bytes[start]) << 8 | UInt16(bytes[start + 1])
            guard number == transaction else {
                if number == 0, bytes[start + 6] == request.unit, bytes[start + 7] & 0x7F == request.function.rawValue {
                    counters.unnumbered += 1
                } else {
                    counters.late += 1
                }
                continue
            }
            guard bytes[start + 6] == request.unit else {
                counters.foreign += 1
                continue
            }
            let function = bytes[start + 7]
            if function == request.function.rawValue, length == 3 + request.byteCount,
                Int(bytes[start + 8]) == request.byteCount
            {
                return .answered(start + 9..<start + 6 + length)
            }
            if function == request.function.rawValue | 0x80, length == 3 { return .exception(bytes[start + 8]) }
            counters.foreign += 1
            let isWhole = function == request.function.rawValue && length >= 3 && length == 3 + Int(bytes[start + 8])
            return isWhole ? .otherLength : .nonsense
        }
        return .incomplete
    }

    /// Whether the answer with these data was cut short and made whole with the first bytes of another answer: that one
    /// begins within the data and goes on behind them.
    package static func isMadeWhole(_ bytes: UnsafeRawBufferPointer, data: Range<Int>) -> Bool {
        guard bytes.count > data.upperBound else { return false }
        return data.contains { start in
            guard bytes.count >= start + 9, bytes[start + 2] == 0, bytes[start + 3] == 0, bytes[start + 4] == 0
            else { return false }
            let length = Int(bytes[start + 5])
            let end = start + 6 + length
            guard end > data.upperBound, end <= bytes.count else { return false }
            let function = bytes[start + 7]
            if ReadFunction(rawValue: function) != nil { return length == 3 + Int(bytes[start + 8]) }
            return ReadFunction(rawValue: function & 0x7F) != nil && length == 3
        }
    }

    /// Whether the bytes can be the beginning of a frame, as far as they go.
    package static func canBegin(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if bytes.count > 2, bytes[2] != 0 { return false }
        if bytes.count > 3, bytes[3] != 0 { return false }
        return bytes.count < 6 || (2...254).contains(Int(bytes[4]) << 8 | Int(bytes[5]))
    }

    /// Drains whole frames that answer nothing; false when the stream is broken.
    package static func drain(
        _ bytes: UnsafeRawBufferPointer, consumed: inout Int, counters: inout WireCounters
    ) -> Bool {
        while bytes.count - consumed >= 6 {
            let length = Int(bytes[consumed + 4]) << 8 | Int(bytes[consumed + 5])
            guard bytes[consumed + 2] == 0, bytes[consumed + 3] == 0, (2...254).contains(length) else {
                counters.garbled += 1
                return false
            }
            guard bytes.count - consumed >= 6 + length else { return true }
            consumed += 6 + length
            counters.late += 1
        }
        return true
    }
}
