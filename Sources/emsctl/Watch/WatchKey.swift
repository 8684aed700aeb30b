/// What a person pressed.
enum WatchKey: Hashable {
    case up, down, pageUp, pageDown, first, last, enter, back, tab, space, backspace
    case character(Character)

    /// The keys in bytes of a terminal; what is no key is left out. `rest`: the beginning of a key whose end has not come.
    static func keys(in bytes: [UInt8], rest: inout [UInt8]) -> [WatchKey] {
        var bytes = rest + bytes
        rest = []
        var keys: [WatchKey] = []
        while let byte = bytes.first {
            if byte == 0x1B {
                guard let (key, length) = escape(bytes) else {
                    // An escape by itself is the key; its sequence comes in one piece.
                    keys.append(.back)
                    bytes.removeFirst()
                    continue
                }
                if let key { keys.append(key) }
                bytes.removeFirst(length)
                continue
            }
            switch byte {
            case 0x0D, 0x0A: keys.append(.enter)
            case 0x09: keys.append(.tab)
            case 0x20: keys.append(.space)
            case 0x7F, 0x08: keys.append(.backspace)
            case 0x21..<0x7F: keys.append(.character(Character(Unicode.Scalar(byte))))
            case 0xC2...0xF4:
                let length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
                guard bytes.count >= length else {
                    rest = bytes
                    return keys
                }
                if let character = String(validating: bytes.prefix(length), as: UTF8.self)?.first {
                    keys.append(.character(character))
                }
                bytes.removeFirst(length - 1)
            default: break
            }
            bytes.removeFirst()
        }
        return keys
    }

    /// The key of an escape sequence and its length; nil where it is none.
    private static func escape(_ bytes: [UInt8]) -> (WatchKey?, Int)? {
        guard bytes.count > 2, bytes[1] == UInt8(ascii: "[") || bytes[1] == UInt8(ascii: "O") else { return nil }
        guard let end = bytes.dropFirst(2).firstIndex(where: { $0 >= 0x40 }) else { return nil }
        let key: WatchKey? =
            switch (bytes[end], bytes[2]) {
            case (UInt8(ascii: "A"), _): .up
            case (UInt8(ascii: "B"), _): .down
            case (UInt8(ascii: "H"), _): .first
            case (UInt8(ascii: "F"), _): .last
            case (UInt8(ascii: "~"), UInt8(ascii: "5")): .pageUp
            case (UInt8(ascii: "~"), UInt8(ascii: "6")): .pageDown
            default: nil
            }
        return (key, end + 1)
    }
}
