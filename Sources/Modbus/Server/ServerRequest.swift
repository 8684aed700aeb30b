/// A request as a device receives it.
package struct ServerRequest: Sendable, Hashable {
    package var unit: UInt8
    package var function: UInt8
    /// The first address of a read (functions 1 to 4); 0 for other functions.
    package var address: Int
    /// Registers or bits of a read; 0 for other functions.
    package var count: Int
    /// The transaction of a TCP request; 0 for RTU.
    package var transaction: UInt16
    /// The whole frame, checksum or header included.
    package var frame: [UInt8]
    /// The function code and what follows it.
    package var data: ArraySlice<UInt8>

    init(frame: [UInt8], framing: ServerFraming) {
        self.frame = frame
        let start: Int
        switch framing {
        case .tcp:
            start = 6
            transaction = UInt16(frame[0]) << 8 | UInt16(frame[1])
            data = frame[7...]
        case .rtu:
            start = 0
            transaction = 0
            data = frame[1..<(frame.count - 2)]
        }
        unit = frame[start]
        function = frame[start + 1]
        if (1...4).contains(function), data.count == 5 {
            address = Int(frame[start + 2]) << 8 | Int(frame[start + 3])
            count = Int(frame[start + 4]) << 8 | Int(frame[start + 5])
        } else {
            address = 0
            count = 0
        }
    }

    /// Whether it reads a table, and is whole.
    package var isRead: Bool { (1...4).contains(function) && data.count == 5 }
}
