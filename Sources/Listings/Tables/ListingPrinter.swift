import Conformity
import Metering
import PlantAPI

/// Writes the rows of a listing as they come: the one place where JSON, CSV and tables get their form.
///
/// A table's column widths are those of its first thousand rows, so that no listing has to fit into memory.
package struct ListingPrinter {
    private let columns: [ListingColumn]
    private let format: ListingFormat
    private let calendar: SiteCalendar
    private let sink: ([UInt8]) throws -> Void
    private var buffer: [UInt8] = []
    private var rows = 0
    private var waiting: [[ShownText]]? = []
    private var widths: [Int]

    /// A printer that hands finished bytes to `sink`, some ten thousand at a time; times for people are in the
    /// calendar's zone.
    package init(
        columns: [ListingColumn], format: ListingFormat, calendar: SiteCalendar,
        sink: @escaping ([UInt8]) throws -> Void
    ) {
        self.columns = columns
        self.format = format
        self.calendar = calendar
        self.sink = sink
        widths = columns.map(\.name.count)
        switch format {
        case .csv: put(columns.map(\.name).joined(separator: ",") + "\n")
        case .json: put("[")
        case .table: break
        }
    }

    /// Writes one row with a field for each column; further ones are left out.
    package mutating func row(_ fields: [ListingValue]) throws {
        switch format {
        case .csv:
            for (index, field) in fields.prefix(columns.count).enumerated() {
                if index > 0 { put(",") }
                put(csv(field))
            }
            put("\n")
        case .json:
            put(rows == 0 ? "\n" : ",\n")
            put(ListingPrinter.object(zip(columns.map(\.name), fields)))
        case .table:
            try tableRow(zip(columns, fields).map { ListingText.forPeople($1, $0.style, calendar) })
        }
        rows += 1
        if buffer.count > 16_384 { try flush() }
    }

    /// Ends the listing and hands over what is left; a table without rows says `nothing`.
    package mutating func end(nothing: String) throws {
        switch format {
        case .csv: break
        case .json: put(rows == 0 ? "]\n" : "\n]\n")
        case .table:
            releaseTable()
            if rows == 0 { put(nothing + "\n") }
        }
        try flush()
    }

    /// One JSON object of names and fields.
    package static func object(_ members: some Sequence<(String, ListingValue)>) -> String {
        ShownText.json(CanonicalJSON.object(members.map { .init($0, json($1)) }).canonicalText)
    }

    package static func json(_ field: ListingValue) -> CanonicalJSON {
        switch field {
        case .none: .null
        case .text(let text): .text(text)
        case .number(let number): .number(number)
        case .count(let count): .integer(count)
        case .time(let time): .text(time.text)
        case .words(let words): .list(words.map { .text($0) })
        }
    }

    private func csv(_ field: ListingValue) -> String {
        switch field {
        case .none: return ""
        case .number(let number): return CanonicalJSON.text(of: number)
        case .count(let count): return String(count)
        case .time(let time): return time.text
        case .words(let words): return CSVText.field(words.joined(separator: " "))
        case .text(let text): return CSVText.field(text)
        }
    }

    private mutating func tableRow(_ texts: [ShownText]) throws {
        guard waiting != nil else { return putAligned(texts) }
        for (index, shown) in texts.enumerated() { widths[index] = max(widths[index], shown.text.count) }
        waiting?.append(texts)
        if (waiting?.count ?? 0) >= 1000 { releaseTable() }
    }

    private mutating func releaseTable() {
        guard let rows = waiting else { return }
        waiting = nil
        guard !rows.isEmpty else { return }
        putAligned(columns.map { ShownText($0.name) })
        for row in rows { putAligned(row) }
    }

    private mutating func putAligned(_ texts: [ShownText]) {
        var line = ""
        for (index, shown) in texts.enumerated() {
            let text = shown.text
            let blanks = String(repeating: " ", count: max(0, widths[index] - text.count))
            line += index == 0 ? "" : "  "
            line += columns[index].style == .plain ? text + blanks : blanks + text
        }
        while line.last == " " { line.removeLast() }
        put(line + "\n")
    }

    private mutating func put(_ text: String) { buffer.append(contentsOf: text.utf8) }

    /// Hands over what is ready, for listings that are read as they come.
    package mutating func flush() throws {
        guard !buffer.isEmpty else { return }
        try sink(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
