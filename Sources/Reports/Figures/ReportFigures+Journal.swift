import Foundation
import Metering
import Storage

extension ReportFigures {
    /// The journal's lines of the period whose type is one of these, or begins with one and a dot, with their texts by key.
    func journal(ofTypes types: [String], _ body: (JournalRecord, [String: String]) throws -> Void) throws {
        try reader.journal { record in
            guard period.stretch.contains(record.time) else { return }
            guard
                types.contains(where: {
                    record.line.contains("\"type\":\"\($0)\"") || record.line.contains("\"type\":\"\($0).")
                })
            else { return }
            let object = try? JSONSerialization.jsonObject(with: Data(record.line.utf8)) as? [String: Any]
            try body(record, (object ?? [:]).compactMapValues { $0 as? String })
        }
    }

    /// The last line of the journal up to ``now``: what came later does not change a report of the same time.
    func journalHead() throws -> (seq: Int, hash: String) {
        var head = (seq: 0, hash: "")
        try reader.journal { if $0.time <= now { head = ($0.seq, $0.hash) } }
        return head
    }
}
