import Metering

/// A head of the journal as it was signed.
package struct HeadRecord: Sendable, Hashable {
    /// 1 for the first head, growing by one; given by the store.
    package var number: Int
    /// When it was signed.
    package var time: Instant
    /// How many lines the journal had.
    package var size: Int
    /// The signed note, as a text.
    package var note: String

    /// A head; the store gives it its number.
    package init(number: Int = 0, time: Instant, size: Int, note: String) {
        self.number = number
        self.time = time
        self.size = size
        self.note = note
    }
}

extension HeadRecord {
    /// The root of the tree in base64: the third line of the note.
    package var root: String {
        let lines = note.split(separator: "\n", maxSplits: 3, omittingEmptySubsequences: false)
        return lines.count > 2 ? String(lines[2]) : ""
    }
}

/// What somebody else said of a head.
package struct WitnessRecord: Sendable, Hashable {
    /// How it is written.
    package enum Kind: String, Sendable {
        /// A note with a cosignature (C2SP tlog-cosignature).
        case cosignature
        /// The answer of a time-stamping authority (RFC 3161).
        case timestamp
    }

    /// When it was put on record.
    package var time: Instant
    /// The number of the head.
    package var head: Int
    package var kind: Kind
    package var data: [UInt8]

    /// A statement about a head.
    package init(time: Instant, head: Int, kind: Kind, data: [UInt8]) {
        self.time = time
        self.head = head
        self.kind = kind
        self.data = data
    }
}
