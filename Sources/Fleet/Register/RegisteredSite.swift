import Evidence
import Metering

/// What head office's register says of one site, but for the lines of its journal.
package struct RegisteredSite: Sendable, Hashable {
    /// A signed head as it came.
    package struct Head: Sendable, Hashable {
        package var note: String
        package var received: Instant

        /// A head.
        package init(note: String, received: Instant) {
            self.note = note
            self.received = received
        }
    }

    /// Why the register did not take the site's journal, in its sender's words.
    package struct Contradiction: Sendable, Hashable {
        package var text: String
        package var at: Instant

        /// A contradiction.
        package init(text: String, at: Instant) {
            self.text = text
            self.at = at
        }
    }

    package var name: String
    /// The last sign of life; nil: the site has no row any more.
    package var lastSeen: Instant?
    /// When the last line of its journal came.
    package var lastLine: Instant?
    package var contradiction: Contradiction?
    /// In the order in which they came.
    package var heads: [Head]
    /// What a witness kept of it.
    package var seen: [SeenHead]

    /// A site.
    package init(
        name: String, lastSeen: Instant?, lastLine: Instant? = nil, contradiction: Contradiction? = nil,
        heads: [Head] = [], seen: [SeenHead] = []
    ) {
        self.name = name
        self.lastSeen = lastSeen
        self.lastLine = lastLine
        self.contradiction = contradiction
        self.heads = heads
        self.seen = seen
    }
}

/// How much of a journal was seen once: it can only go on from there.
package struct SeenHead: Sendable, Hashable {
    /// How many lines there were.
    package var size: Int
    /// The root of the tree over them.
    package var root: MerkleHash
    package var at: Instant

    /// A journal as it was seen.
    package init(size: Int, root: MerkleHash, at: Instant) {
        self.size = size
        self.root = root
        self.at = at
    }
}
