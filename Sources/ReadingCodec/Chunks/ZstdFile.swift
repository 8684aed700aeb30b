import CZstd
import Foundation

/// A file that was packed by the program zstd.
package enum ZstdFile {
    private static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

    /// What stands in a packed file from a place on, at most about so many bytes; nil where it is none, is damaged, or ends before
    /// that place.
    package static func bytes(of path: String, from start: Int, atMost most: Int) -> Data? {
        guard let file = FileHandle(forReadingAtPath: path), let stream = ZSTD_createDStream() else { return nil }
        defer { ZSTD_freeDStream(stream) }
        var (skipped, found, isFirst, rest) = (0, Data(), true, 0)
        var buffer = [UInt8](repeating: 0, count: ZSTD_DStreamOutSize())
        while found.count < most, let piece = try? file.read(upToCount: ZSTD_DStreamInSize()), !piece.isEmpty {
            if isFirst, !piece.starts(with: magic) { return nil }
            isFirst = false
            let isSound = piece.withUnsafeBytes { bytes in
                var source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
                var isFull = false
                // What is left within the stream comes out also where all that went in is used up.
                while source.pos < source.size || isFull {
                    let count: Int? = buffer.withUnsafeMutableBytes { room in
                        var target = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
                        rest = ZSTD_decompressStream(stream, &target, &source)
                        isFull = target.pos == target.size
                        return ZSTD_isError(rest) == 0 ? target.pos : nil
                    }
                    guard let count else { return false }
                    let drop = min(count, start - skipped)
                    skipped += drop
                    found.append(contentsOf: buffer[drop..<count])
                }
                return true
            }
            guard isSound else { return nil }
        }
        // A frame that was cut off may have lost the lines that are looked for.
        return !isFirst && skipped == start && (rest == 0 || found.count >= most) ? found : nil
    }
}
