import Metering

/// What a check of the record looked at, and what it found to be other than it was sealed.
package struct CheckReport: Sendable, Hashable {
    /// Lines of the journal.
    package internal(set) var lines = 0
    /// Signed heads.
    package internal(set) var heads = 0
    /// Days whose seals were compared, and the readings in them.
    package internal(set) var days = 0
    package internal(set) var readings = 0
    /// Days that are to be sealed again because something in them changed, and were not compared.
    package internal(set) var waiting = 0
    /// Readings that a seal counts and that are gone, oldest first, as retention deletes them.
    package internal(set) var deleted = 0
    /// What was made once more from the readings and compared: values, decisions of the counter rules, verdicts,
    /// nonconformities; and the revisions that lines of the journal explain.
    package var values = 0
    package var decisions = 0
    package var verdicts = 0
    package var nonconformities = 0
    package var revisions = 0
    /// What changed while the check went on, and was left out.
    package var movedOn = 0
    /// What was not looked at, and why, in sentences.
    package private(set) var remarks: [String] = []
    /// The first differences, as sentences, in the order found.
    package private(set) var differences: [String] = []
    /// How many there are in all.
    package private(set) var count = 0
    /// The time and size of the newest head; nil: nothing is signed.
    package internal(set) var newest: (time: Instant, size: Int)?
    /// Whether it was ended before it was done.
    package var isCutShort = false

    /// A report of nothing.
    package init() {}

    /// Notes what was not looked at, and why.
    package mutating func remark(_ sentence: String) { remarks.append(sentence) }

    private static let shown = 20

    /// Notes a difference: which thing, what is stored, what it should be.
    package mutating func differs(_ sentence: String) {
        count += 1
        if differences.count < Self.shown { differences.append(sentence) }
    }

    /// Whether all that was looked at is as it was sealed.
    package var holds: Bool { count == 0 && !isCutShort }

    /// The report, a line each: one sentence where all holds, else the first difference first.
    package var text: String { text(isDetailed: false) }

    /// The same; in detail also the places that hold no record.
    package func text(isDetailed: Bool) -> String {
        let made =
            values + verdicts + decisions == 0
            ? ""
            : "; recomputed: \(values) values, \(decisions) decisions, \(verdicts) verdicts, \(nonconformities) "
                + "nonconformities, with \(revisions) revisions explained"
        let looked =
            "\(lines) journal lines, \(heads) signed heads, \(days) sealed days with \(readings) readings\(made)"
        var rest = remarks
        if isDetailed { rest += RecordPlaces.unrecorded }
        if movedOn > 0 { rest.append("\(movedOn) rows changed while the check went on, and were left out") }
        if deleted > 0 { rest.append("\(deleted) sealed readings are gone, the oldest: deleted after their retention") }
        if waiting > 0 {
            rest.append(
                "\(waiting) days changed since they were sealed, are sealed again at midnight, and were not compared")
        }
        if heads == 0 {
            rest.append(
                "no head is signed: who owns this machine could have built all of it anew ('emsctl audit init')")
        }
        if isCutShort { rest.append("the check was ended early") }
        if count == 0 {
            return (["\(isCutShort ? "so far " : "")all holds: \(looked)"] + rest).joined(separator: "\n") + "\n"
        }
        let more = count > differences.count ? ["and \(count - differences.count) more"] : []
        return
            (["NOT AS SEALED: \(differences[0])"] + differences.dropFirst().map { "  \($0)" } + more
            + ["\(count) differences in \(looked)"] + rest).joined(separator: "\n") + "\n"
    }

    package static func == (one: CheckReport, other: CheckReport) -> Bool {
        one.text == other.text && one.newest?.size == other.newest?.size
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
