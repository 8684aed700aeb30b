import Conformity
import Metering
import PlantAPI

/// Writes the rows of a listing as they come: the one place where JSON, CSV and tables get their form.
///
/// A table's column widths are those of its first thousand rows, so that no listing has to fit into memory.
///
/// ```
/// let columns = [ListingColumn("point"), ListingColumn("value", .number)]
/// var printer = ListingPrinter(columns: columns, format: .csv, calendar: calendar) { bytes += $0 }
/// try printer.row([.text("incomer.power"), .number(82.5)])
/// try printer.end(nothing: "no points")  // point,value and incomer.power,82.5
/// ```
package struct ListingPrinter {
    private let columns: [ListingColumn]
    private let format: ListingFormat
    private let calendar: SiteCalendar
    private let terminal: TerminalForm
    /// Today, for times that need no date.
    private let today: CivilDate?
    private let sink: ([UInt8]) throws -> Void
    private var buffer: [UInt8] = []
    private var rows = 0
    private var waiting: [[ShownText]]? = []
    private var widths: [Int]
    private var shown: [Int]

    /// A printer that hands finished bytes to `sink`, some ten thousand at a time; times for people are in the
    /// calendar's zone.
    ///
    /// On a screen with a width columns give way, names are shortened, and times of the day of `now` have no date.
    package init(
        columns: [ListingColumn], format: ListingFormat, calendar: SiteCalendar, terminal: TerminalForm = .init(),
        now: Instant? = nil, sink: @escaping ([UInt8]) throws -> Void
    ) {
        self.terminal = terminal
        today = terminal.width == nil ? nil : now.map(calendar.date)
        shown = Array(columns.indices)
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
            try tableRow(
                zip(columns, fields).map { ListingText.forPeople($1, $0.style, calendar, today: today) })
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
        for (index, shown) in texts.enumerated() { widths[index] = max(widths[index], shown.width) }
        waiting?.append(texts)
        if (waiting?.count ?? 0) >= 1000 { releaseTable() }
    }

    private mutating func releaseTable() {
        guard let rows = waiting else { return }
        waiting = nil
        guard !rows.isEmpty else { return }
        let fit = TableFit(
            columns, widths: widths, isEmpty: { column in rows.allSatisfy { $0[column].text == "-" } },
            into: terminal.width)
        (shown, widths) = (fit.shown, fit.widths)
        putAligned(columns.map { ShownText($0.name) }, isHead: true)
        for row in rows { putAligned(row) }
        guard let width = terminal.width, !fit.leftOut.isEmpty else { return }
        let named = ShownText("left out: \(fit.leftOut.joined(separator: ", ")); --wide shows all")
        let said = named.width <= width ? named : ShownText("left out: \(fit.leftOut.count) columns; --wide shows all")
        put(Tone.quiet.paint(said.cut(to: width, mark: mark).text, terminal) + "\n")
    }

    private var mark: String { terminal.isASCII ? "~" : "…" }

    private mutating func putAligned(_ texts: [ShownText], isHead: Bool = false) {
        var line = ""
        for (place, index) in shown.enumerated() where index < texts.count {
            let text = fitted(texts[index], index)
            let blanks = String(repeating: " ", count: max(0, widths[index] - text.width))
            let tone = isHead ? Tone.strong : Tone(of: text.text)
            let painted = tone.paint(text.text, terminal)
            line += place == 0 ? "" : "  "
            line += columns[index].style == .plain ? painted + blanks : blanks + painted
        }
        while line.last == " " { line.removeLast() }
        put(line + "\n")
    }

    private func fitted(_ text: ShownText, _ index: Int) -> ShownText {
        let plain = terminal.isASCII ? text.inASCII : text
        return columns[index].mayBeShortened && terminal.width != nil
            ? plain.shortened(to: widths[index], mark: mark) : plain
    }

    private mutating func put(_ text: String) { buffer.append(contentsOf: text.utf8) }

    /// Hands over what is ready, for listings that are read as they come.
    package mutating func flush() throws {
        guard !buffer.isEmpty else { return }
        try sink(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
