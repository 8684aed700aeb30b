import Conformity
import Evidence
import Metering
import PlantConfiguration
import SignedNotes
import Storage

/// Takes from head office's register what the witnesses of a target said of this site's heads.
///
/// Nothing counts that none of the configured witnesses signed: whoever owns the register can write there what he likes.
/// What was refused is told once, as long as the daemon runs, and hides nothing that comes after it.
struct CosignatureIntake {
    private let target: String
    private let witnesses: [VerifierKey]
    /// Lines under the largest head of which a witness's word is on record; nil: nobody looked yet.
    private var reached: Int?
    private var refused: Set<RegisteredCosignature> = []

    /// Takes nothing where the target names no witnesses.
    init(of target: ForwardTarget) {
        self.target = target.name
        witnesses = target.witnesses
    }

    /// Takes what is there and not on record yet.
    ///
    /// Throws a ``ForwardFailure`` where the register does not answer, and what the record throws.
    mutating func take(
        from destination: any ForwardDestination, _ store: PlantStore, _ around: ForwardSurroundings
    ) throws {
        if witnesses.isEmpty { return }
        let known = try reached ?? onRecord(store)
        reached = known
        for found in try destination.cosignatures(after: known) where !refused.contains(found) {
            guard let note = SignedNote(text: found.note)?.cosigned(byAny: witnesses) else {
                refuse(
                    found, .warning,
                    "the register has a cosignature of the head over \(found.size) lines that none of the witnesses of "
                        + "'\(target)' made: it does not count; compare the key with the one at head office", around)
                continue
            }
            do {
                let now = around.now() ?? .distantPast
                _ = try store.read { try WitnessKeeper.statement(Array(note.text.utf8), at: now, in: $0) }
            } catch let fault as AuditFault {
                refuse(
                    found, .critical,
                    "a witness of '\(target)' signed a head over \(found.size) lines that is none of this site's: "
                        + "\(fault.message); somebody tells head office another story in its name", around)
                continue
            }
            try around.keep(note)
            reached = max(reached ?? 0, Checkpoint(body: note.body)?.size ?? 0)
        }
    }

    /// Lines under the largest head of which a witness's word is on record.
    private func onRecord(_ store: PlantStore) throws -> Int {
        try store.read { reader in
            let sizes = Dictionary(uniqueKeysWithValues: try reader.heads().map { ($0.number, $0.size) })
            return try reader.witnesses().lazy.filter { $0.kind == .cosignature }.filter { witness in
                SignedNote(text: String(decoding: witness.data, as: UTF8.self))?.cosigned(byAny: witnesses) != nil
            }.compactMap { sizes[$0.head] }.max() ?? 0
        }
    }

    private mutating func refuse(
        _ found: RegisteredCosignature, _ severity: AlertSeverity, _ message: String, _ around: ForwardSurroundings
    ) {
        // Whoever fills the table with rubbish does not fill our memory.
        if refused.count >= 1000 { refused.removeAll() }
        refused.insert(found)
        around.tell(
            .init(
                event: "witness_refused", severity: severity, message: message,
                details: [.init("target", .text(target)), .init("size", .integer(found.size))]))
    }
}
