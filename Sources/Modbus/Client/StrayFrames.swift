/// The whole frames, with a right checksum, among bytes of a serial line.
struct StrayFrames {
    /// What a frame is.
    enum Kind: Equatable {
        /// An answer; without a shape it is an exception.
        case answer(AnswerShape?)
        /// A request of another master to that unit; with the request where it asks for cells.
        case request(UInt8, ReadRequest?)
        /// The echo of what was sent from here.
        case echo
    }

    /// In order.
    private(set) var frames: [Kind] = []
    /// Whether bytes are among them that belong to no frame.
    private(set) var hasRubbish = false
    /// Whether the last bytes are a request, to which an answer is to be expected.
    private(set) var endsWithRequest = false

    /// Looks at bytes that are no answer to `sent`, the request that was sent last.
    init(_ bytes: UnsafeRawBufferPointer, sent: ReadRequest?, isAwaited: (AnswerShape) -> Bool = { _ in false }) {
        var start = 0
        while start < bytes.count {
            guard let frame = StrayFrames.frame(in: bytes, at: start, sent, isAwaited) else {
                hasRubbish = true
                endsWithRequest = false
                start += 1
                continue
            }
            frames.append(frame.kind)
            if case .request = frame.kind { endsWithRequest = true } else { endsWithRequest = false }
            start += frame.length
        }
    }

    /// Whether another master asked something of that unit.
    func asks(_ unit: UInt8) -> Bool {
        frames.contains { if case .request(unit, _) = $0 { true } else { false } }
    }

    /// Whether another master asked something whose answer would look like the one to `request`: data of its shape, or an exception.
    func asks(like request: ReadRequest, exception: Bool) -> Bool {
        frames.contains { frame in
            guard case .request(_, let other?) = frame else { return false }
            return exception
                ? other.unit == request.unit && other.function == request.function : other.shape == request.shape
        }
    }

    private static func frame(
        in bytes: UnsafeRawBufferPointer, at start: Int, _ sent: ReadRequest?, _ isAwaited: (AnswerShape) -> Bool
    ) -> (kind: Kind, length: Int)? {
        func closes(_ length: Int) -> Bool {
            bytes.count - start >= length
                && FrameChecksum.closes(UnsafeRawBufferPointer(rebasing: bytes[start..<start + length]))
        }
        guard bytes.count - start >= 5 else { return nil }
        let (unit, function) = (bytes[start], bytes[start + 1])
        if function & 0x80 != 0 { return closes(5) ? (.answer(nil), 5) : nil }
        let byteCount = bytes[start + 2]
        let read = ReadFunction(rawValue: function)
        let shape = read.map { AnswerShape(unit: unit, function: $0, byteCount: byteCount) }
        // Three bytes of bits are as long as a request for bits at 0x03xx.
        if let shape, byteCount != 3 || isAwaited(shape) || sent?.shape == shape, closes(5 + Int(byteCount)) {
            return (.answer(shape), 5 + Int(byteCount))
        }
        if (1...6).contains(function), closes(8) {
            let address = UInt16(bytes[start + 2]) << 8 | UInt16(bytes[start + 3])
            let count = Int(bytes[start + 4]) << 8 | Int(bytes[start + 5])
            guard let read else { return (.request(unit, nil), 8) }
            guard (1...read.limit).contains(count) else { return nil }
            let request = ReadRequest(unit: unit, function: read, address: address, count: count)
            return (request == sent ? .echo : .request(unit, request), 8)
        }
        // Nothing is ever written from here: a write, and the answer to one, are another master's.
        if function == 0x0F || function == 0x10 {
            if bytes.count - start >= 7, closes(9 + Int(bytes[start + 6])) {
                return (.request(unit, nil), 9 + Int(bytes[start + 6]))
            }
            if closes(8) { return (.answer(nil), 8) }
        }
        return nil
    }
}
