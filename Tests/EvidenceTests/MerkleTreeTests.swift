import Evidence
import Testing

@Suite struct MerkleTreeTests {
    static let lines = (0..<1200).map { "line \($0)" }
    static let hashes = lines.map { MerkleHash(line: $0) }

    /// RFC 6962's definition, written down as it stands there.
    static func root(_ hashes: ArraySlice<MerkleHash>) -> MerkleHash {
        guard hashes.count > 1 else { return hashes.first ?? .empty }
        var split = 1
        while split * 2 < hashes.count { split *= 2 }
        let middle = hashes.startIndex + split
        return MerkleHash(root(hashes[..<middle]), root(hashes[middle...]))
    }

    /// Leaves with the roots of their tiles, as a database keeps them.
    struct Tiled: MerkleHashSource {
        let hashes: [MerkleHash]

        func leaves(_ range: Range<Int>) -> [MerkleHash] {
            precondition(range.count <= 256)
            return Array(hashes[range])
        }

        func tiles(_ range: Range<Int>) -> [MerkleHash]? {
            range.map { MerkleTreeTests.root(hashes[$0 * 256..<$0 * 256 + 256]) }
        }
    }

    @Test(
        "the roots over three and seven lines are those of the published vector",
        arguments: [
            (3, "FirMUNmuSMgpeK+jIIeDw7E7b0WQPWDV8+G8zcJmOCs="), (7, "dvpo18RK8btzv0bzCmuUOPlv0HkpCwZz+8gd7iMUHGs="),
        ])
    func knownRoots(size: Int, root: String) throws {
        #expect(try MerkleTree(size: size, from: LeafHashes(Self.hashes)).root().base64 == root)
    }

    @Test("a tree without lines has the hash of nothing as its root")
    func emptyRoot() throws {
        #expect(
            try MerkleTree(size: 0, from: LeafHashes([])).root().base64
                == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
    }

    @Test("the proof of the fifth of seven lines is that of the published vector")
    func knownProof() throws {
        let proof = try MerkleTree(size: 7, from: LeafHashes(Self.hashes)).inclusionProof(of: 4)
        #expect(
            proof.map(\.base64) == [
                "+mEQDQ5CLbUtIzx8AEI7iGDf7ewBof5Vm0Yh6KAV3Dg=", "ejCtmM8Yk7IxZL6bLpLpf2O6wXHIu6VY+Pr6RHXiLYY=",
                "Ul71OW9aQb+BiPK4GXApxfLgkKkeTfBwBIdB4xZsHoI=",
            ])
    }

    @Test(
        "with and without stored tiles the root is the one of RFC 6962",
        arguments: [1, 2, 3, 255, 256, 257, 511, 512, 513, 700, 768, 769, 1023, 1024, 1025, 1200])
    func roots(size: Int) throws {
        let expected = Self.root(Self.hashes[..<size])
        #expect(try MerkleTree(size: size, from: LeafHashes(Self.hashes)).root() == expected)
        #expect(try MerkleTree(size: size, from: Tiled(hashes: Self.hashes)).root() == expected)
    }

    @Test("each line of each small tree is proven, and nothing else by the same proof", arguments: 1...40)
    func inclusion(size: Int) throws {
        let tree = MerkleTree(size: size, from: LeafHashes(Self.hashes))
        let root = try tree.root()
        for index in 0..<size {
            let proof = InclusionProof(index: index, hashes: try tree.inclusionProof(of: index))
            #expect(proof.root(over: Self.hashes[index], size: size) == root)
            #expect(proof.root(over: Self.hashes[index + 1], size: size) != root)
            let moved = InclusionProof(index: (index + 1) % size, hashes: proof.hashes)
            if size > 1 { #expect(moved.root(over: Self.hashes[index], size: size) != root) }
            let longer = InclusionProof(index: index, hashes: proof.hashes + [root])
            #expect(longer.root(over: Self.hashes[index], size: size) != root)
            let shorter = InclusionProof(index: index, hashes: proof.hashes.dropLast())
            if size > 1 { #expect(shorter.root(over: Self.hashes[index], size: size) != root) }
        }
    }

    @Test(
        "proofs across tiles hold, with stored tiles too", arguments: [(0, 1200), (255, 257), (256, 300), (900, 1100)])
    func tiledInclusion(index: Int, size: Int) throws {
        let tiled = MerkleTree(size: size, from: Tiled(hashes: Self.hashes))
        let proof = try tiled.inclusionProof(of: index)
        #expect(try proof == MerkleTree(size: size, from: LeafHashes(Self.hashes)).inclusionProof(of: index))
        #expect(
            InclusionProof(index: index, hashes: proof).root(over: Self.hashes[index], size: size) == (try tiled.root())
        )
    }

    @Test("each older tree is shown to be the beginning of each newer, and of no other", arguments: 1...24)
    func consistency(size: Int) throws {
        let tree = MerkleTree(size: size, from: LeafHashes(Self.hashes))
        let root = try tree.root()
        var otherHashes = Self.hashes
        otherHashes[0] = MerkleHash(line: "another story")
        let otherRoot = try MerkleTree(size: size, from: LeafHashes(otherHashes)).root()
        for old in 0...size {
            let proof = ConsistencyProof(hashes: try tree.consistencyProof(since: old))
            let oldRoot = try MerkleTree(size: old, from: LeafHashes(Self.hashes)).root()
            #expect(proof.connects((old, oldRoot), to: (size, root)))
            if old > 0 { #expect(!proof.connects((old, oldRoot), to: (size, otherRoot))) }
            if old > 0, old < size {
                #expect(!proof.connects((old, root), to: (size, root)))
                #expect(!ConsistencyProof(hashes: proof.hashes + [root]).connects((old, oldRoot), to: (size, root)))
            }
        }
        #expect(!ConsistencyProof(hashes: []).connects((size + 1, root), to: (size, root)))
    }

    @Test("what is not 32 bytes in base64 is no hash", arguments: ["", "AAAA", "not base64", " "])
    func notHashes(text: String) { #expect(MerkleHash(base64: text) == nil) }
}
