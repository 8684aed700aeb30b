import Foundation
import Metering
import SignedNotes
import Storage

/// Puts on record what others say of the site's heads: cosignatures and time stamps.
package enum WitnessKeeper {
    /// The statement in the bytes, about the head that it is about; throws an ``AuditFault`` where it is about none.
    ///
    /// A cosignature is a note with the body of a head (C2SP tlog-cosignature); the answer of a time-stamping authority
    /// (RFC 3161) has the SHA-256 of the head's note, or of its body, in it.
    package static func statement(_ bytes: [UInt8], at time: Instant, in reader: StoreReader) throws -> WitnessRecord {
        let heads = try reader.heads().reversed()
        if let note = SignedNote(text: String(decoding: bytes, as: UTF8.self)) {
            guard let head = heads.first(where: { SignedNote(text: $0.note)?.body == note.body }) else {
                throw AuditFault("the cosignature is about no head of this journal")
            }
            guard note.signatures.contains(where: { $0.bytes.count == 72 }) else {
                throw AuditFault("the note has no cosignature: a witness signs with the time that it saw the head")
            }
            return WitnessRecord(time: time, head: head.number, kind: .cosignature, data: bytes)
        }
        guard let head = heads.first(where: { isStamped($0.note, in: bytes) }) else {
            throw AuditFault(
                "that is no cosignature, and no time stamp over a head of this journal: stamp the file that "
                    + "'emsctl audit head --output' writes, with SHA-256")
        }
        return WitnessRecord(time: time, head: head.number, kind: .timestamp, data: bytes)
    }

    /// Whether a time stamp is over a head's note, or its body.
    static func isStamped(_ note: String, in stamp: [UInt8]) -> Bool {
        // The shortest answer of an authority is longer by far.
        guard stamp.count > 64, stamp.first == 0x30 else { return false }
        let texts = [note, SignedNote(text: note)?.body].compactMap { $0 }
        return texts.contains { Data(stamp).range(of: Data(SealDigest.of($0))) != nil }
    }
}
