/// What is wrong with a journal, at which line.
package struct JournalFault: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// A line is missing, doubled or out of order.
        case sequence(expected: Int)
        /// The line was changed, or one before it.
        case hash(expected: String)
        /// The line's own `seq` is not its place.
        case place
    }
    /// The place of the line as stored.
    package var sequence: Int
    package var kind: Kind

    /// A sentence: what, where, what it means.
    package var description: String {
        switch kind {
        case .sequence(let expected):
            "journal line \(sequence) stands where line \(expected) belongs: lines are missing, doubled or out of order"
        case .hash(let expected):
            "journal line \(sequence) does not match its hash (the chain gives \(expected)): the line or its hash was changed"
        case .place:
            "journal line \(sequence) does not say that it is line \(sequence): it was moved or changed"
        }
    }
}

/// Checks the journal's chain, line after line from the first (Rules 11).
package struct JournalVerifier: Sendable {
    private var chain: JournalChain

    /// A verifier before the first line, or after one that is known to be good (e.g. from a kept alert line).
    package init(after chain: JournalChain = JournalChain()) { self.chain = chain }

    /// The chain as checked so far.
    package var checked: JournalChain { chain }

    /// Checks the next line; throws where it is not the one that follows.
    package mutating func check(_ line: JournalLine) throws(JournalFault) {
        guard line.sequence == chain.sequence + 1 else {
            throw JournalFault(sequence: line.sequence, kind: .sequence(expected: chain.sequence + 1))
        }
        var next = chain
        let expected = next.append(text: line.text)
        guard expected.hash == line.hash else {
            throw JournalFault(sequence: line.sequence, kind: .hash(expected: expected.hash))
        }
        let head = "{\"seq\":\(line.sequence)"
        let after = line.text.utf8.dropFirst(head.utf8.count).first
        guard line.text.hasPrefix(head), after == UInt8(ascii: ",") || after == UInt8(ascii: "}") else {
            throw JournalFault(sequence: line.sequence, kind: .place)
        }
        chain = next
    }

    /// Checks the next line and goes on from what stands there, whatever that is; what is wrong with it, nil where nothing is.
    package mutating func pass(_ line: JournalLine) -> JournalFault? {
        do throws(JournalFault) {
            try check(line)
            return nil
        } catch {
            chain = JournalChain(sequence: line.sequence, hash: line.hash)
            return error
        }
    }

    /// The first fault of a whole journal; nil where the chain holds.
    package static func firstFault(in lines: some Sequence<JournalLine>) -> JournalFault? {
        var verifier = JournalVerifier()
        for line in lines {
            do { try verifier.check(line) } catch { return error }
        }
        return nil
    }
}
