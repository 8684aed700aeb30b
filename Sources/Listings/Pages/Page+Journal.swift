import Conformity
import Foundation
import Metering
import Storage

extension Page {
    static let journalColumns = [
        ListingColumn("seq", .number), ListingColumn("time"), ListingColumn("type"), ListingColumn("line"),
        ListingColumn("hash"),
    ]

    /// The lines of the journal as they stand: of one type or all, and of those `T` also the types that begin with `T.`.
    func journal() throws {
        var printer = printer(Page.journalColumns)
        try reader.journal(from: (query.after ?? 0) + 1) { record in
            guard wholeStretch.contains(record.time) || isDefaultStretch && query.after != nil else { return }
            let type = JournalLineType(record.line).text
            if let wanted = query.name, type != wanted, !type.hasPrefix(wanted + ".") { return }
            let isTable = query.format == .table
            try printer.row([
                .count(record.seq), .time(record.time), .text(type),
                .text(isTable ? JournalLineType.rest(of: record.line) : record.line),
                .text(isTable ? String(record.hash.prefix(12)) : record.hash),
            ])
        }
        try printer.end(nothing: query.after == nil ? nothing : "")
    }
}

/// The type of a journal line, found without taking the line apart.
private struct JournalLineType {
    let text: String

    init(_ line: String) {
        let key = "\"type\":\""
        guard let start = line.range(of: key), let end = line[start.upperBound...].firstIndex(of: "\"") else {
            text = ""
            return
        }
        text = String(line[start.upperBound..<end])
    }

    /// What a line says besides its place, type and time.
    static func rest(of line: String) -> String {
        guard let time = line.range(of: "\"time\":\""), let end = line[time.upperBound...].firstIndex(of: "\"") else {
            return line
        }
        let rest = line[line.index(after: end)...].dropLast()
        return rest.hasPrefix(",") ? String(rest.dropFirst()) : String(rest)
    }
}
