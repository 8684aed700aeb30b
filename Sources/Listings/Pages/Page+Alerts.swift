import Conformity
import Foundation
import Metering
import PlantAPI
import Storage

extension Page {
    /// The alert stream as it was recorded; `seq` is the recording's own, each file counts for itself.
    func alerts() throws {
        if query.format == .table {
            let lines = try reader.alerts(in: wholeStretch).flatMap { alert in
                AlertRow.lines(alert.text, on: query.terminal).map(\.text)
            }
            return try tell((lines.isEmpty ? [nothing] : lines).joined(separator: "\n") + "\n")
        }
        var printer = printer(AlertRow.columns)
        for alert in try reader.alerts(in: wholeStretch) { try printer.row(AlertRow(alert).fields) }
        try printer.end(nothing: nothing)
    }
}

/// An alert line taken apart into the columns of a listing.
package struct AlertRow: Decodable {
    /// The keys of an alert line, in its order.
    package static let columns = [
        "seq", "time", "event", "site", "id", "objective", "title", "severity", "indicator", "start", "end", "value",
        "limit", "unit", "message", "journal",
    ].map { ListingColumn($0) }

    private var seq: Int?
    private var time, event, site: String?
    private var id, objective, title, severity, indicator, start, end: String?
    private var value, limit: Double?
    private var unit, message, journal: String?

    /// The text of an alert on a screen; what follows its first line stands further in than anything that begins an alert.
    package static func lines(_ text: String, on terminal: TerminalForm) -> [ShownText] {
        ShownText(text).folded(to: terminal.width, indentation: 4)
    }

    /// The columns of a recorded alert; throws what decoding throws.
    package init(_ alert: AlertRecord) throws {
        self = try JSONDecoder().decode(AlertRow.self, from: Data(alert.json.utf8))
        seq = alert.seq
    }

    /// The columns of an alert line with its number; throws what decoding throws.
    package init(line: String) throws { self = try JSONDecoder().decode(AlertRow.self, from: Data(line.utf8)) }

    /// One field for each of ``columns``.
    package var fields: [ListingValue] {
        [
            .optional(seq), .optional(time), .optional(event), .optional(site), .optional(id), .optional(objective),
            .optional(title), .optional(severity), .optional(indicator), .optional(start), .optional(end),
            .optional(value), .optional(limit), .optional(unit), .optional(message), .optional(journal),
        ]
    }
}
