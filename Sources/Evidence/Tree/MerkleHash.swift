import Crypto
import Foundation

/// The hash of a leaf or a node of the tree over the journal: 32 bytes of SHA-256 (RFC 6962, section 2.1).
///
/// The byte before what is hashed, 0 for a leaf and 1 for a node, keeps a node from passing as a leaf.
package struct MerkleHash: Hashable, Sendable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// The hash of one entry: of a journal line with its line feed.
    package init(leaf: some Sequence<UInt8>) {
        var hasher = SHA256()
        hasher.update(data: [0])
        hasher.update(data: Array(leaf))
        self.init(hasher.finalize())
    }

    /// The hash of the journal line `text`, which stands in the tree with its line feed.
    package init(line text: String) {
        self.init(leaf: Array((text + "\n").utf8))
    }

    /// The hash of a node over two others.
    package init(_ left: MerkleHash, _ right: MerkleHash) {
        var hasher = SHA256()
        hasher.update(data: [1])
        left.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        right.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        self.init(hasher.finalize())
    }

    /// The hash that stands in 32 bytes; nil where there are more or fewer.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        self.init(exactly: bytes)
    }

    /// The hash that is written in base64; nil where it is none.
    package init?(base64: some StringProtocol) {
        guard let data = Data(base64Encoded: String(base64)), data.base64EncodedString() == base64 else { return nil }
        self.init(bytes: data)
    }

    /// The root of a tree without leaves: SHA-256 of nothing.
    package static let empty = MerkleHash(SHA256.hash(data: [UInt8]()))

    /// The root over hashes that stand at one height, but for the last, which may stand lower.
    static func root(of hashes: some Collection<MerkleHash>) -> MerkleHash {
        var level = Array(hashes)
        while level.count > 1 {
            level = stride(from: 0, to: level.count, by: 2).map { index in
                index + 1 < level.count ? MerkleHash(level[index], level[index + 1]) : level[index]
            }
        }
        return level[0]
    }

    /// Its 32 bytes.
    package var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// Its bytes in base64, as proofs and checkpoints have it.
    package var base64: String { Data(bytes).base64EncodedString() }

    package static func == (one: MerkleHash, other: MerkleHash) -> Bool { one.words == other.words }

    package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }

    private init(_ digest: SHA256.Digest) { self.init(exactly: Array(digest)) }

    private init(exactly bytes: some Sequence<UInt8>) {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        Swift.withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: Array(bytes)) }
        self.words = words
    }

    private func withUnsafeBytes<T>(_ body: (UnsafeRawBufferPointer) -> T) -> T {
        Swift.withUnsafeBytes(of: words, body)
    }
}
