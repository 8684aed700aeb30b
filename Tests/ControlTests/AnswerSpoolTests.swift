import Foundation
import Testing

@testable import emsctl

@Suite("What the daemon has sent waits in emsctl until it is read")
struct AnswerSpoolTests {
    private struct Broken: Error {}

    /// A piece that is known by its number.
    private static func piece(_ number: Int, _ size: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: number &* 31), count: size)
    }

    private static func rest(of spool: AnswerSpool) async throws -> Data {
        var bytes = Data()
        while let piece = try await spool.next() { bytes.append(contentsOf: piece) }
        return bytes
    }

    @Test(
        "comes out as it went in, from memory and from the file that takes what memory does not",
        arguments: [(0, 1), (1, 0), (5, 1000), (8, 1 << 20), (9, 1 << 20), (2, 9 << 20), (300, 40_000)])
    func whole(_ count: Int, _ size: Int) async throws {
        let spool = AnswerSpool()
        var sent = Data()
        for number in 0..<count {
            let piece = Self.piece(number, size)
            try spool.put(piece)
            sent.append(contentsOf: piece)
        }
        spool.end(.success(()))
        #expect(try await Self.rest(of: spool) == sent)
        #expect(try await spool.next() == nil)
    }

    @Test(
        "is taken while it is sent, in order, whoever of the two is the quicker one", arguments: [1, 2, 3] as [UInt64])
    func together(seed: UInt64) async throws {
        let spool = AnswerSpool()
        let sizes = (0..<100).map { Int((UInt64($0) &* 6_364_136_223_846_793_005 &* seed) >> 40) % 400_000 }
        let sending = Task.detached {
            for (number, size) in sizes.enumerated() {
                try spool.put(Self.piece(number, size))
                if number % Int(seed) == 0 { await Task.yield() }
            }
            spool.end(.success(()))
        }
        let taken = try await Self.rest(of: spool)
        try await sending.value
        var sent = Data()
        for (number, size) in sizes.enumerated() { sent.append(contentsOf: Self.piece(number, size)) }
        #expect(taken == sent)
    }

    @Test("a reader that stands still keeps no more than 8 MB in memory: a file without a name has the rest")
    func standing() async throws {
        let spool = AnswerSpool()
        for number in 0..<21 { try spool.put(Self.piece(number, 1 << 20)) }
        #expect(try Self.namelessFiles().contains(13 << 20))
        spool.end(.success(()))
        #expect(try await Self.rest(of: spool).count == 21 << 20)
        #expect(try !Self.namelessFiles().contains(13 << 20))
    }

    @Test("what went wrong is said after all that came before it", arguments: [3, 20])
    func failure(count: Int) async throws {
        let spool = AnswerSpool()
        for number in 0..<count { try spool.put(Self.piece(number, 1 << 20)) }
        spool.end(.failure(Broken()))
        var bytes = 0
        await #expect(throws: Broken.self) {
            while let piece = try await spool.next() { bytes += piece.count }
        }
        #expect(bytes == count << 20)
    }

    /// The sizes of the open files of spools.
    private static func namelessFiles() throws -> [Int] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { name in
            let path = "/proc/self/fd/" + name
            var status = stat()
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path),
                target.contains("/emsctl-"), stat(path, &status) == 0
            else { return nil }
            return Int(status.st_size)
        }
    }
}
