import Foundation

/// The write-ahead log of a database that SQLite cannot be trusted with: its frames up to the last commit that holds.
///
/// The format is SQLite's (https://www.sqlite.org/walformat.html): a header of 32 bytes, then frames of 24 bytes and a
/// page, each with a checksum over everything before it.
final class DamagedLog {
    /// Bytes of a page; nil where there is no log, or its header is damaged.
    private(set) var pageSize: Int?
    /// Pages of the database after the last commit in the log; nil where it holds none.
    private(set) var pagesAtCommit: Int?
    /// Frames of this log behind the first one that is damaged.
    private(set) var lostFrames = 0

    private let descriptor: Int32
    /// Where the newest content of a page begins, by the page's number.
    private var places: [Int: Int] = [:]

    /// The log at a path; one that is missing has no frames.
    init(_ path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor >= 0 { readFrames() }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The page as the log has it; nil where it does not.
    func frame(of number: Int) -> [UInt8]? {
        guard let place = places[number], let pageSize else { return nil }
        return bytes(at: place, pageSize)
    }

    private func bytes(at offset: Int, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return pread(descriptor, &bytes, count, off_t(offset)) == count ? bytes : nil
    }

    private func readFrames() {
        guard let header = bytes(at: 0, 32) else { return }
        let magic = header.big(0)
        guard magic == 0x377f_0682 || magic == 0x377f_0683 else { return }
        var sum = LogChecksum(isBigEndian: magic & 1 == 1)
        sum.add(header[..<24])
        let size = Int(header.big(8))
        guard sum.matches(header, 24), size >= 512, size <= 65536, size & (size - 1) == 0 else { return }
        pageSize = size
        var pending: [Int: Int] = [:]
        var offset = 32
        var isBroken = false
        while let head = bytes(at: offset, 24), let page = bytes(at: offset + 24, size) {
            // Behind the last frame of this log stand those of an older one, with other salts.
            guard head[8..<16].elementsEqual(header[16..<24]) else { break }
            if !isBroken {
                sum.add(head[..<8])
                sum.add(page[...])
                isBroken = !sum.matches(head, 16)
            }
            if isBroken {
                lostFrames += 1
            } else {
                pending[Int(head.big(0))] = offset + 24
                if head.big(4) > 0 {
                    pagesAtCommit = Int(head.big(4))
                    places.merge(pending) { $1 }
                    pending = [:]
                }
            }
            offset += 24 + size
        }
    }
}

/// The running checksum of a write-ahead log.
private struct LogChecksum {
    let isBigEndian: Bool
    private var first: UInt32 = 0
    private var second: UInt32 = 0

    init(isBigEndian: Bool) { self.isBigEndian = isBigEndian }

    mutating func add(_ bytes: ArraySlice<UInt8>) {
        var index = bytes.startIndex
        while index + 8 <= bytes.endIndex {
            first = first &+ word(bytes, index) &+ second
            second = second &+ word(bytes, index + 4) &+ first
            index += 8
        }
    }

    func matches(_ bytes: [UInt8], _ offset: Int) -> Bool {
        bytes.big(offset) == first && bytes.big(offset + 4) == second
    }

    private func word(_ bytes: ArraySlice<UInt8>, _ index: Int) -> UInt32 {
        let (a, b) = (UInt32(bytes[index]), UInt32(bytes[index + 1]))
        let (c, d) = (UInt32(bytes[index + 2]), UInt32(bytes[index + 3]))
        return isBigEndian ? a << 24 | b << 16 | c << 8 | d : d << 24 | c << 16 | b << 8 | a
    }
}

extension [UInt8] {
    /// Four bytes, highest first.
    func big(_ offset: Int) -> UInt32 {
        UInt32(self[offset]) << 24 | UInt32(self[offset + 1]) << 16 | UInt32(self[offset + 2]) << 8
            | UInt32(self[offset + 3])
    }
}
