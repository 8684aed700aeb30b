/// A proof that an entry is in a tree: what was beside its way up to the root.
package struct InclusionProof: Hashable, Sendable {
    /// The place of the entry, from 0.
    package let index: Int
    /// The hashes beside its way, from the leaf on.
    package let hashes: [MerkleHash]

    /// A proof as it was made or read.
    package init(index: Int, hashes: [MerkleHash]) {
        self.index = index
        self.hashes = hashes
    }

    /// The root that a tree of `size` leaves has if `leaf` stands in it at this place; nil where the proof cannot be one of
    /// such a tree (RFC 9162, section 2.1.3.2).
    package func root(over leaf: MerkleHash, size: Int) -> MerkleHash? {
        guard index >= 0, index < size else { return nil }
        var (place, last) = (index, size - 1)
        var root = leaf
        for hash in hashes {
            guard last > 0 else { return nil }
            if place & 1 == 1 || place == last {
                root = MerkleHash(hash, root)
                while place & 1 == 0, place > 0 { (place, last) = (place >> 1, last >> 1) }
            } else {
                root = MerkleHash(root, hash)
            }
            (place, last) = (place >> 1, last >> 1)
        }
        return last == 0 ? root : nil
    }
}

/// A proof that an older tree is the beginning of a newer one.
package struct ConsistencyProof: Hashable, Sendable {
    /// The hashes that lead from the older root to the newer.
    package let hashes: [MerkleHash]

    /// A proof as it was made or read.
    package init(hashes: [MerkleHash]) { self.hashes = hashes }

    /// Whether it shows that the tree of `old.size` leaves with the root `old.root` is the beginning of the other (RFC 9162,
    /// section 2.1.4.2).
    package func connects(_ old: (size: Int, root: MerkleHash), to new: (size: Int, root: MerkleHash)) -> Bool {
        guard old.size >= 0, old.size <= new.size else { return false }
        if old.size == new.size { return hashes.isEmpty && old.root == new.root }
        if old.size == 0 { return hashes.isEmpty && old.root == .empty }
        // A whole subtree is its own first hash, and is not written.
        var path = hashes[...]
        let isWhole = old.size & (old.size - 1) == 0
        guard let first = isWhole ? old.root : path.popFirst() else { return false }
        var (place, last) = (old.size - 1, new.size - 1)
        while place & 1 == 1 { (place, last) = (place >> 1, last >> 1) }
        var (oldRoot, newRoot) = (first, first)
        for hash in path {
            guard last > 0 else { return false }
            if place & 1 == 1 || place == last {
                oldRoot = MerkleHash(hash, oldRoot)
                newRoot = MerkleHash(hash, newRoot)
                while place & 1 == 0, place > 0 { (place, last) = (place >> 1, last >> 1) }
            } else {
                newRoot = MerkleHash(newRoot, hash)
            }
            (place, last) = (place >> 1, last >> 1)
        }
        return last == 0 && oldRoot == old.root && newRoot == new.root
    }
}
