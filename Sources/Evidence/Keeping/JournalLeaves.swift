import Storage

/// The journal's lines as the leaves of its tree; only valid as long as the reader is.
package struct JournalLeaves: MerkleHashSource {
    private let reader: StoreReader
    private let usesTiles: Bool

    /// The lines of a database. Kept tiles spare the reading of nearly all lines; whoever checks the lines themselves does
    /// without.
    package init(_ reader: StoreReader, usesTiles: Bool = true) {
        self.reader = reader
        self.usesTiles = usesTiles
    }

    package func leaves(_ range: Range<Int>) throws -> [MerkleHash] {
        // Lines are counted from 1, leaves from 0.
        let lines = try reader.journalTexts(range.lowerBound + 1..<range.upperBound + 1)
        guard lines.count == range.count else {
            throw AuditFault("lines of the journal are missing between \(range.lowerBound + 1) and \(range.upperBound)")
        }
        return lines.map { MerkleHash(line: $0) }
    }

    package func tiles(_ range: Range<Int>) throws -> [MerkleHash]? {
        guard usesTiles else { return nil }
        let kept = Dictionary(uniqueKeysWithValues: try reader.tiles(range).map { ($0.number, $0.root) })
        return try range.map { number in
            if let root = kept[number].flatMap({ MerkleHash(bytes: $0) }) { return root }
            return try root(ofTile: number)
        }
    }

    /// The root of a complete tile, from its lines.
    func root(ofTile number: Int) throws -> MerkleHash {
        let size = MerkleTreeSize.tile
        return try MerkleTree(size: size, from: LeafHashes(leaves(number * size..<number * size + size))).root()
    }
}
