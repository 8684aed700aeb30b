import Evidence
import Metering
import SignedNotes

/// A head with the signature of a witness who saw that it goes on from all that he saw before.
package struct Cosigned: Sendable, Hashable {
    package var site: String
    package var checkpoint: Checkpoint
    /// The head's body with that one signature, as `emsctl audit witness add` takes it at the site.
    package var note: SignedNote

    /// Cosigns the newest head of each site that holds and has one that is larger than what the witness signed last.
    ///
    /// Throws what the library of cryptography throws.
    package static func all(_ reports: [SiteReport], by key: SignerKey, now: Instant) throws -> [Cosigned] {
        try reports.compactMap { report in
            guard report.alarms.isEmpty, let newest = report.newest else { return nil }
            let signature = try key.cosign(newest.note.body, at: now.milliseconds / 1000)
            return Cosigned(
                site: report.site, checkpoint: newest.checkpoint,
                note: SignedNote(body: newest.note.body, signatures: [signature]))
        }
    }
}
