import Conformity
import Metering
import Storage

/// The check of the journal's chain from its first line on, beside the running daemon.
///
/// A chain that does not hold is said and never repaired: the lines stay as they are, and the next ones go on from the
/// last one's hash.
package struct ChainCheck {
    private struct PortionIsOver: Error {}
    private static let portion = 2000

    private let store: PlantStore

    package init(_ store: PlantStore) { self.store = store }

    /// What is wrong with it, as a sentence; nil where it holds, or where `isOver` ended the check.
    ///
    /// Lines are read some thousand at a time, so that the database's log can be brought in between.
    package func fault(isOver: () -> Bool) throws -> String? {
        var chain = JournalChain()
        var first: JournalFault?
        var faults = 0
        while !isOver() {
            let before = chain.sequence
            try store.read { reader in
                do {
                    try reader.journal(from: chain.sequence + 1) { line in
                        guard chain.sequence - before < ChainCheck.portion else { throw PortionIsOver() }
                        var verifier = JournalVerifier(after: chain)
                        do throws(JournalFault) {
                            try verifier.check(JournalLine(sequence: line.seq, text: line.line, hash: line.hash))
                            chain = verifier.checked
                        } catch {
                            faults += 1
                            if first == nil { first = error }
                            // What follows is held against what stands there.
                            chain = JournalChain(sequence: line.seq, hash: line.hash)
                        }
                    }
                } catch is PortionIsOver {}
            }
            if chain.sequence == before { break }
        }
        guard let first else { return nil }
        let more = faults > 1 ? ", and \(faults - 1) more" : ""
        return "the journal's chain is broken: \(first.description)\(more); nothing was repaired: compare it with a "
            + "backup"
    }
}
