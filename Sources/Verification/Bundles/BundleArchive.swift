import Evidence
import Foundation

/// Files of a bundle in one archive, so that the same files are the same bytes: in the order in which they come, of no time and
/// nobody's.
package protocol BundleArchive {
    /// The bytes that the next file takes.
    mutating func file(_ name: String, _ bytes: [UInt8]) -> [UInt8]

    /// The bytes behind the last file.
    mutating func end() -> [UInt8]
}

/// A tar archive (POSIX ustar).
package struct TarArchive: BundleArchive {
    /// An empty one.
    package init() {}

    package func file(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at place: Int) {
            header.replaceSubrange(place..<place + text.utf8.count, with: text.utf8)
        }
        func octal(_ number: Int, digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: digits - text.count) + text
        }
        put(name, at: 0)
        put("0000644", at: 100)
        put("0000000", at: 108)
        put("0000000", at: 116)
        put(octal(bytes.count, digits: 11), at: 124)
        put("00000000000", at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        put(octal(header.reduce(0) { $0 + Int($1) }, digits: 6), at: 148)
        header[154] = 0
        return header + bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
    }

    package func end() -> [UInt8] { [UInt8](repeating: 0, count: 1024) }

    /// The files in an archive of this kind; nil where it is none.
    package static func files(in bytes: [UInt8]) -> [(name: String, bytes: [UInt8])]? {
        var found: [(String, [UInt8])] = []
        var place = 0
        while place + 512 <= bytes.count, bytes[place] != 0 {
            let header = bytes[place..<place + 512]
            func field(_ range: Range<Int>) -> String {
                let part = header[(place + range.lowerBound)..<(place + range.upperBound)].prefix {
                    $0 != 0 && $0 != 32
                }
                return String(decoding: part, as: UTF8.self)
            }
            guard field(257..<262) == "ustar", let size = Int(field(124..<136), radix: 8),
                place + 512 + size <= bytes.count
            else { return nil }
            if field(156..<157) == "0" {
                found.append((field(0..<100), Array(bytes[(place + 512)..<(place + 512 + size)])))
            }
            place += 512 + (size + 511) / 512 * 512
        }
        return found.isEmpty ? nil : found
    }
}

/// A zip archive of files as they are, not compressed.
package struct ZipArchive: BundleArchive {
    private var directory: [UInt8] = []
    private var count = 0
    private var length = 0

    /// An empty one.
    package init() {}

    package mutating func file(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
        // Version, flags (names are UTF-8), stored, 1980-01-01: zip knows no earlier time.
        let common: [UInt8] =
            Self.two(20) + Self.two(0x0800) + Self.two(0) + Self.two(0) + Self.two(33)
            + Self.four(Int(Self.checksum(bytes))) + Self.four(bytes.count) + Self.four(bytes.count)
            + Self.two(name.utf8.count)
        let local = Self.four(0x0403_4b50) + common + Self.two(0) + Array(name.utf8) + bytes
        directory +=
            Self.four(0x0201_4b50) + Self.two(20) + common + Self.two(0) + Self.two(0) + Self.two(0) + Self.two(0)
            + Self.four(0) + Self.four(length) + Array(name.utf8)
        count += 1
        length += local.count
        return local
    }

    package mutating func end() -> [UInt8] {
        directory + Self.four(0x0605_4b50) + Self.two(0) + Self.two(0) + Self.two(count) + Self.two(count)
            + Self.four(directory.count) + Self.four(length) + Self.two(0)
    }

    /// The files in an archive of this kind; nil where it is none, or is compressed.
    package static func files(in bytes: [UInt8]) -> [(name: String, bytes: [UInt8])]? {
        func number(_ place: Int, _ count: Int) -> Int {
            (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
        }
        var found: [(String, [UInt8])] = []
        var place = 0
        while place + 30 <= bytes.count, number(place, 4) == 0x0403_4b50 {
            let (size, name, extra) = (number(place + 18, 4), number(place + 26, 2), number(place + 28, 2))
            let start = place + 30 + name + extra
            guard number(place + 8, 2) == 0, start + size <= bytes.count else { return nil }
            let text = String(decoding: bytes[(place + 30)..<(place + 30 + name)], as: UTF8.self)
            found.append((text, Array(bytes[start..<start + size])))
            place = start + size
        }
        return found.isEmpty ? nil : found
    }

    private static func two(_ number: Int) -> [UInt8] { [UInt8(number & 255), UInt8(number >> 8 & 255)] }

    private static func four(_ number: Int) -> [UInt8] { two(number & 0xFFFF) + two(number >> 16 & 0xFFFF) }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { $0 >> 8 ^ table[Int(($0 ^ UInt32($1)) & 255)] }
    }
}
