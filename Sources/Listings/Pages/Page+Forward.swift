import Metering
import PlantAPI
import RecordStream
import Storage

extension Page {
    static let forwardColumns = [
        ListingColumn("target"), ListingColumn("kind"), ListingColumn("stream"), ListingColumn("acknowledged"),
        ListingColumn("lines", .number), ListingColumn("waiting", .number), ListingColumn("lag", .age),
        ListingColumn("rate", .number), ListingColumn("rejected", .number), ListingColumn("next_try"),
        ListingColumn("fault"),
    ]

    /// How far each target has each stream; offline only what the database knows. Not in order where a target takes nothing.
    func forward() throws -> ExitStatus {
        var printer = printer(Page.forwardColumns)
        let standings = try record.live?().forwards(reader) ?? stored()
        for one in standings {
            try printer.row([
                .text(one.target), .text(one.kind), .text(one.stream), .optional(one.acknowledged), .count(one.lines),
                .count(one.waiting), .optional(one.lag.map { Double($0) / 1000 }), .optional(one.rate),
                .count(one.rejected), .optional(one.nextTry), .optional(one.fault),
            ])
        }
        try printer.end(nothing: "nothing is forwarded: 'forward' in the configuration names the targets")
        return standings.contains { $0.fault != nil } ? .notInOrder : .done
    }

    private func stored() throws -> [ForwardStanding] {
        let rejected = try reader.forwardRejections()
        return try reader.forwardCursors().map { cursor in
            var one = ForwardStanding(
                target: cursor.target, kind: "", stream: cursor.stream, lines: cursor.lines, waiting: 0,
                rejected: rejected[cursor.target] ?? 0)
            one.acknowledged = cursor.acknowledged
            switch cursor.stream {
            case "readings": one.waiting = try reader.readingsWaiting(after: cursor).count
            case "windows", "verdicts": one.waiting = try reader.windowsWaiting(after: cursor)
            default: one.waiting = max(0, try reader.journalHead().seq - Int(cursor.first))
            }
            return one
        }
    }
}
