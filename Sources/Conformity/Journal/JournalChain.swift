import Crypto
import Metering

/// One line of the journal in its place (Rules 11).
package struct JournalLine: Sendable, Hashable {
    /// The place, from 1 without gaps.
    package var sequence: Int
    /// The canonical JSON of the event.
    package var text: String
    /// SHA-256 over the hash before, a line feed and the line, in lower-case hex.
    package var hash: String

    /// A line as it is stored.
    package init(sequence: Int, text: String, hash: String) {
        self.sequence = sequence
        self.text = text
        self.hash = hash
    }
}

/// The end of the journal, to which lines are appended: each hash holds all lines before it.
///
/// ```
/// var chain = JournalChain(sequence: head.seq, hash: head.hash)
/// let line = chain.append(entry)
/// // line.hash == JournalChain.hash(of: line.text, after: head.hash)
/// ```
package struct JournalChain: Sendable, Hashable {
    /// The place of the last line; 0 before the first.
    package private(set) var sequence: Int
    /// The hash of the last line; 64 zeros before the first.
    package private(set) var hash: String

    /// The chain after the line with that place and hash.
    package init(sequence: Int = 0, hash: String = JournalChain.origin) {
        self.sequence = sequence
        self.hash = hash
    }

    /// The hash before the first line.
    package static let origin = String(repeating: "0", count: 64)

    /// Appends an event.
    package mutating func append(_ entry: JournalEntry) -> JournalLine {
        append(text: entry.text(sequence: sequence + 1))
    }

    /// Appends events, in order.
    package mutating func append(_ entries: [JournalEntry]) -> [JournalLine] { entries.map { append($0) } }

    /// Appends a line that already is canonical JSON.
    package mutating func append(text: String) -> JournalLine {
        sequence += 1
        hash = JournalChain.hash(of: text, after: hash)
        return JournalLine(sequence: sequence, text: text, hash: hash)
    }

    /// SHA-256 over the hash before, a line feed and the line, in lower-case hex.
    package static func hash(of text: String, after previous: String) -> String {
        SHA256.hash(data: Array((previous + "\n" + text).utf8)).hexadecimal
    }
}
