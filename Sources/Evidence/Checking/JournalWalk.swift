import Conformity
import Metering
import Storage

/// The way along the journal's chain from its first line on, beside the running daemon.
///
/// A chain that does not hold is said and never repaired. Lines are read some thousand at a time, so that the database's
/// log can be brought in between.
package struct JournalWalk {
    private struct PortionIsOver: Error {}
    private static let portion = 2000

    private let store: PlantStore

    /// A walk along the journal of a store.
    package init(_ store: PlantStore) { self.store = store }

    /// Hands each line on, after what is wrong with it; false where `isOver` ended the walk.
    package func run(
        isOver: () -> Bool, fault say: (JournalFault) -> Void, line hand: (JournalRecord) -> Void = { _ in }
    ) throws -> Bool {
        var verifier = JournalVerifier()
        while true {
            if isOver() { return false }
            let before = verifier.checked.sequence
            try store.show { reader in
                do {
                    try reader.journal(from: before + 1) { line in
                        guard verifier.checked.sequence - before < Self.portion else { throw PortionIsOver() }
                        let stored = JournalLine(sequence: line.seq, text: line.line, hash: line.hash)
                        if let fault = verifier.pass(stored) { say(fault) }
                        hand(line)
                    }
                } catch is PortionIsOver {}
            }
            if verifier.checked.sequence == before { return true }
        }
    }

    /// What is wrong with the chain, as a sentence; nil where it holds, or where `isOver` ended the walk before a fault.
    package func fault(isOver: () -> Bool) throws -> String? {
        var first: JournalFault?
        var faults = 0
        _ = try run(isOver: isOver) { fault in
            faults += 1
            if first == nil { first = fault }
        }
        guard let first else { return nil }
        let more = faults > 1 ? ", and \(faults - 1) more" : ""
        return
            "the journal's chain is broken: \(first.description)\(more); nothing was repaired: compare it with a backup"
    }
}
