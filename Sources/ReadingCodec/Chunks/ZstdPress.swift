import CZstd

/// The zstd contexts of one thread, kept because making them costs more than using them.
package final class ZstdPress {
    private let compression: OpaquePointer
    private let decompression: OpaquePointer

    /// Contexts that compress at that level.
    package init(level: Int32) {
        guard let compression = ZSTD_createCCtx(), let decompression = ZSTD_createDCtx() else {
            // Some hundred kilobytes were refused: there is nothing left to go on with.
            fatalError("zstd got no memory")
        }
        self.compression = compression
        self.decompression = decompression
        ZSTD_CCtx_setParameter(compression, ZSTD_c_compressionLevel, level)
        ZSTD_CCtx_setParameter(compression, ZSTD_c_contentSizeFlag, 0)
    }

    deinit {
        ZSTD_freeCCtx(compression)
        ZSTD_freeDCtx(decompression)
    }

    /// One frame of all bytes; a block of its own up to each cut, so that unlike parts do not share a code table.
    package func compress(_ bytes: UnsafeRawBufferPointer, cuts: [Int], appendingTo output: inout [UInt8]) -> Bool {
        let start = output.count
        let room = ZSTD_compressBound(bytes.count) + 32 * (cuts.count + 1)
        output.append(contentsOf: repeatElement(0, count: room))
        ZSTD_CCtx_reset(compression, ZSTD_reset_session_only)
        let written: Int? = output.withUnsafeMutableBytes { room in
            var target = ZSTD_outBuffer(dst: room.baseAddress.map { $0 + start }, size: room.count - start, pos: 0)
            var from = 0
            for (index, cut) in cuts.enumerated() {
                var source = ZSTD_inBuffer(src: bytes.baseAddress.map { $0 + from }, size: cut - from, pos: 0)
                let mode = index == cuts.count - 1 ? ZSTD_e_end : ZSTD_e_flush
                let rest = ZSTD_compressStream2(compression, &target, &source, mode)
                if ZSTD_isError(rest) != 0 || rest != 0 { return nil }
                from = cut
            }
            return target.pos
        }
        output.removeLast(output.count - start - (written ?? 0))
        return written != nil
    }

    /// The bytes of one frame; false where it does not give exactly as many as `output` has room for.
    package func decompress(_ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Bool {
        let count = ZSTD_decompressDCtx(decompression, output.baseAddress, output.count, bytes.baseAddress, bytes.count)
        return ZSTD_isError(count) == 0 && count == output.count
    }
}
