/// Cuts what arrives on a link into requests.
///
/// libmodbus's own reader is not used for this: over RTU it takes the requests of one unit only (and treats what follows another
/// unit's request as that unit's answer), and it loses its place after a function that it does not know.
struct RequestReader {
    private let framing: ServerFraming
    private var buffer: [UInt8] = []

    /// What the reader found.
    enum Found: Equatable {
        /// A whole request.
        case request(ServerRequest)
        /// More bytes are needed.
        case nothing
        /// What arrived can never become a request: over TCP the connection is lost.
        case rubbish
    }

    init(_ framing: ServerFraming) { self.framing = framing }

    /// Whether a request has begun and is not complete.
    var isMidway: Bool { !buffer.isEmpty }

    mutating func feed(_ bytes: ArraySlice<UInt8>) { buffer.append(contentsOf: bytes) }

    /// The next request of what was fed.
    mutating func next() -> Found {
        switch framing {
        case .tcp: nextOverTCP()
        case .rtu: nextOverRTU()
        }
    }

    /// The line has been silent: what stands in the buffer is a whole request of an unknown function, or nothing of use.
    mutating func silence() -> Found {
        defer { buffer.removeAll(keepingCapacity: true) }
        guard framing == .rtu, buffer.count >= 4, buffer.count <= 256, hasChecksum(0, buffer.count) else {
            return .nothing
        }
        return .request(ServerRequest(frame: buffer, framing: framing))
    }

    private mutating func nextOverTCP() -> Found {
        guard buffer.count >= 7 else { return .nothing }
        let length = Int(buffer[4]) << 8 | Int(buffer[5])
        guard buffer[2] == 0, buffer[3] == 0, length >= 2, length <= 254 else { return .rubbish }
        guard buffer.count >= 6 + length else { return .nothing }
        return take(6 + length)
    }

    private mutating func nextOverRTU() -> Found {
        // After rubbish, or half a frame, a good one may begin at any byte.
        for start in buffer.indices {
            guard let length = length(at: start), buffer.count - start >= length, hasChecksum(start, length) else {
                continue
            }
            buffer.removeFirst(start)
            return take(length)
        }
        if buffer.count > 512 { buffer.removeFirst(buffer.count - 256) }
        return .nothing
    }

    /// How long the request that begins there is; nil where its function is not known, or its length has not arrived.
    private func length(at start: Int) -> Int? {
        guard buffer.count - start >= 7 else { return nil }
        return switch buffer[start + 1] {
        case 1...6: 8
        case 0x0F, 0x10: 9 + Int(buffer[start + 6])
        case 0x2B: 7
        default: nil
        }
    }

    private func hasChecksum(_ start: Int, _ length: Int) -> Bool {
        buffer.withUnsafeBytes { FrameChecksum.closes(UnsafeRawBufferPointer(rebasing: $0[start..<(start + length)])) }
    }

    private mutating func take(_ length: Int) -> Found {
        let frame = Array(buffer[..<length])
        buffer.removeFirst(length)
        return .request(ServerRequest(frame: frame, framing: framing))
    }
}
