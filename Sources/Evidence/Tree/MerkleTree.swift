/// Where a tree has its hashes from: a database, or an array.
///
/// Only leaves and, where they are kept, the roots of complete tiles of 256 leaves are asked for, so that a proof in a
/// journal of a million lines reads 4,000 tiles and 256 leaves.
package protocol MerkleHashSource {
    /// The hashes of the leaves in `range`, which is at most one tile long and all there.
    func leaves(_ range: Range<Int>) throws -> [MerkleHash]

    /// The roots of the complete tiles in `range`; nil: none are kept, they follow from the leaves.
    func tiles(_ range: Range<Int>) throws -> [MerkleHash]?
}

/// The Merkle tree over the first `size` entries of a log (RFC 6962, section 2.1).
///
/// ```
/// let tree = MerkleTree(size: lines.count, from: LeafHashes(lines.map { MerkleHash(line: $0) }))
/// let proof = try tree.inclusionProof(of: 4)
/// ```
package struct MerkleTree<Source: MerkleHashSource> {
    /// How many leaves it has.
    package let size: Int
    private let source: Source

    /// The tree over the first `size` leaves of a source, which has at least as many.
    package init(size: Int, from source: Source) {
        self.size = size
        self.source = source
    }

    /// The root; SHA-256 of nothing for a tree without leaves.
    package func root() throws -> MerkleHash {
        size == 0 ? .empty : try hash(of: 0..<size)
    }

    /// What proves, with the root, that the leaf at `index` (from 0) is in the tree: the hashes beside its way up, from the
    /// leaf on (RFC 6962, section 2.1.1).
    package func inclusionProof(of index: Int) throws -> [MerkleHash] {
        precondition(index >= 0 && index < size)
        return try path(to: index, in: 0..<size)
    }

    /// What proves, with both roots, that the tree over the first `old` leaves is the beginning of this one (RFC 6962,
    /// section 2.1.2). Empty where nothing came after, or nothing was before.
    package func consistencyProof(since old: Int) throws -> [MerkleHash] {
        precondition(old >= 0 && old <= size)
        guard old > 0, old < size else { return [] }
        return try growth(since: old, in: 0..<size, isWhole: true)
    }

    private func path(to index: Int, in range: Range<Int>) throws -> [MerkleHash] {
        guard range.count > 1 else { return [] }
        let split = range.lowerBound + Self.leftSize(range.count)
        let (left, right) = (range.lowerBound..<split, split..<range.upperBound)
        return index < split
            ? try path(to: index, in: left) + [hash(of: right)]
            : try path(to: index, in: right) + [hash(of: left)]
    }

    private func growth(since old: Int, in range: Range<Int>, isWhole: Bool) throws -> [MerkleHash] {
        if old == range.count { return isWhole ? [] : [try hash(of: range)] }
        let split = range.lowerBound + Self.leftSize(range.count)
        let (left, right) = (range.lowerBound..<split, split..<range.upperBound)
        if old <= left.count {
            return try growth(since: old, in: left, isWhole: isWhole) + [hash(of: right)]
        }
        return try growth(since: old - left.count, in: right, isWhole: false) + [hash(of: left)]
    }

    /// The hash of a subtree, which begins where a subtree of its size begins.
    private func hash(of range: Range<Int>) throws -> MerkleHash {
        let tile = MerkleTreeSize.tile
        if range.count > tile, let tiles = try source.tiles(range.lowerBound / tile..<range.upperBound / tile) {
            let rest = range.upperBound / tile * tile..<range.upperBound
            return MerkleHash.root(of: try tiles + (rest.isEmpty ? [] : [hash(of: rest)]))
        }
        guard range.count > tile else { return MerkleHash.root(of: try source.leaves(range)) }
        let split = range.lowerBound + Self.leftSize(range.count)
        return MerkleHash(try hash(of: range.lowerBound..<split), try hash(of: split..<range.upperBound))
    }

    /// The largest power of two below `count`, which is at least 2.
    private static func leftSize(_ count: Int) -> Int { 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount) }
}

extension MerkleTree: Sendable where Source: Sendable {}

/// The sizes in which a tree is stored.
package enum MerkleTreeSize {
    /// The leaves of a tile, whose root is kept once all are there.
    package static let tile = 256
}

/// The hashes of leaves in memory, with the roots of their complete tiles, each made once: the root at any size costs a
/// hash a tile.
package struct LeafHashes: MerkleHashSource, Hashable, Sendable {
    private let hashes: [MerkleHash]
    /// The roots of the complete tiles.
    package let tiles: [MerkleHash]

    /// The leaves with these hashes.
    package init(_ hashes: [MerkleHash]) {
        self.hashes = hashes
        let size = MerkleTreeSize.tile
        tiles = (0..<hashes.count / size).map { MerkleHash.root(of: hashes[$0 * size..<$0 * size + size]) }
    }

    package func leaves(_ range: Range<Int>) -> [MerkleHash] { Array(hashes[range]) }

    package func tiles(_ range: Range<Int>) -> [MerkleHash]? { Array(tiles[range]) }
}
