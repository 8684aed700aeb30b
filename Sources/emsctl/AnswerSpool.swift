import Foundation
import PlantAPI
import Synchronization

/// Keeps what the daemon has sent until the reader of the output takes it, so that a pager that stands still costs the
/// daemon nothing: up to 8 MB in memory, then in a file without a name in the temporary directory.
///
/// One task puts pieces in, another takes them out, in order.
final class AnswerSpool: Sendable {
    fileprivate struct State {
        var pieces: [[UInt8]] = []
        var bytes = 0
        /// Where the pieces go that memory has no room for; none goes to memory before all of it was read.
        var file: FileHandle?
        var written: UInt64 = 0
        var read: UInt64 = 0
        var ending: Result<Void, any Error>?
        var taker: CheckedContinuation<Void, Never>?
    }

    fileprivate static let memory = 8 << 20
    fileprivate static let pieceSize = 1 << 20

    private let state = Mutex(State())

    /// Puts a piece in; throws a ``CommandError`` (74) where the temporary directory takes no more.
    func put(_ piece: [UInt8]) throws {
        let taker = try state.withLock { state in
            if state.file == nil, state.bytes + piece.count <= AnswerSpool.memory {
                state.pieces.append(piece)
                state.bytes += piece.count
            } else {
                try AnswerSpool.append(piece, &state)
            }
            defer { state.taker = nil }
            return state.taker
        }
        taker?.resume()
    }

    /// There is no more, or what went wrong.
    func end(_ ending: Result<Void, any Error>) {
        let taker = state.withLock { state in
            state.ending = ending
            defer { state.taker = nil }
            return state.taker
        }
        taker?.resume()
    }

    /// The next piece; nil at the end. Throws what the answer ended with once all before it was taken.
    func next() async throws -> [UInt8]? {
        while true {
            let (piece, ending) = try state.withLock { try ($0.take(), $0.ending) }
            if let piece { return piece }
            if let ending {
                try ending.get()
                return nil
            }
            await withCheckedContinuation { continuation in
                let hasNews = state.withLock { state in
                    if !state.pieces.isEmpty || state.read < state.written || state.ending != nil { return true }
                    state.taker = continuation
                    return false
                }
                if hasNews { continuation.resume() }
            }
        }
    }

    private static func append(_ piece: [UInt8], _ state: inout State) throws {
        do {
            let file = try state.file ?? openFile()
            state.file = file
            try file.seek(toOffset: state.written)
            try file.write(contentsOf: piece)
            state.written += UInt64(piece.count)
        } catch {
            throw CommandError(
                .inputOutput, "\(NSTemporaryDirectory()) has no room for what waits to be read: write it to a file",
                detail: "\(error)")
        }
    }

    private static func openFile() throws -> FileHandle {
        var name = Array((NSTemporaryDirectory() + "/emsctl-XXXXXX").utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        unlink(name)
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}

extension AnswerSpool.State {
    /// The oldest piece, from memory first, for what is in the file came later.
    fileprivate mutating func take() throws -> [UInt8]? {
        if !pieces.isEmpty {
            let piece = pieces.removeFirst()
            bytes -= piece.count
            return piece
        }
        guard read < written, let file else { return nil }
        try file.seek(toOffset: read)
        let size = Int(min(UInt64(AnswerSpool.pieceSize), written - read))
        guard let piece = try file.read(upToCount: size), !piece.isEmpty else {
            throw CommandError(.inputOutput, "what waited to be read in \(NSTemporaryDirectory()) cannot be read again")
        }
        read += UInt64(piece.count)
        if read == written { (self.file, read, written) = (nil, 0, 0) }
        return Array(piece)
    }
}
