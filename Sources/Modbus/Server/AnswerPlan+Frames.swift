extension AnswerPlan.Damage {
    /// The frame with this damage; over RTU everything but the checksum fault itself keeps a fitting checksum.
    func applied(to frame: [UInt8], framing: ServerFraming) -> [UInt8] {
        var frame = frame
        switch (self, framing) {
        case (.checksum, _):
            guard let last = frame.indices.last else { break }
            frame[last] ^= 0x55
        case (.unit(let unit), .tcp):
            frame[6] = unit
        case (.unit(let unit), .rtu):
            frame[0] = unit
            sealed(&frame)
        case (.transaction, .tcp):
            frame[1] = frame[1] &+ 100
        case (.transaction, .rtu):
            break
        case (.function, .tcp):
            frame[7] ^= 0x01
        case (.function, .rtu):
            frame[1] ^= 0x01
            sealed(&frame)
        case (.truncated, _):
            frame.removeLast(frame.count / 2)
        case (.rubbish, _):
            frame += [0xDE, 0xAD, 0xBE, 0xEF]
        }
        return frame
    }

    private func sealed(_ frame: inout [UInt8]) {
        let checksum = FrameChecksum.of(Array(frame.dropLast(2)))
        frame[frame.count - 2] = UInt8(checksum & 0xFF)
        frame[frame.count - 1] = UInt8(checksum >> 8)
    }
}
