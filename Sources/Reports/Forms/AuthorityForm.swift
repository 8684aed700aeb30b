import Listings
import Metering
import PlantAPI

/// A form as an authority reads it, filled from the record.
package struct AuthorityForm {
    /// One table of a form.
    package struct Table: Sendable, Hashable {
        package var caption: String
        package var head: [String]
        package var rows: [[String]]
    }

    /// The form's name and legal basis.
    package var title: String
    /// Its tables in the order of the form.
    package var tables: [Table]
    /// What the record cannot say and a person adds.
    package var notes: [String]

    /// Fills a form for a period.
    package init(_ form: ReportRequest.Form, _ record: PlantRecord, _ period: ReportPeriod, now: Instant) throws {
        self = try record.read { reader in
            let figures = try ReportFigures(record, reader, period, now: now)
            let limits = try FormFigures.all(figures)
            let highest = limits.filter(\.isHighest)
            return switch form {
            case .us: ExcessEmissions.form(highest, figures)
            case .germany: ClassTable.form(highest, figures)
            case .waste: WasteIncineration.form(limits, figures)
            }
        }
    }

    init(title: String, tables: [Table], notes: [String]) {
        (self.title, self.tables, self.notes) = (title, tables, notes)
    }

    /// The form as one HTML file.
    package var html: String {
        var page = HTMLText()
        page.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        page.raw(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"
        )
        page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
        page.element("title", title)
        page.raw("<style>\(PageStyle.css)</style></head>\n<body><main>\n")
        page.element("h1", title)
        for table in tables {
            page.table(
                table.caption, table.head,
                table.rows.map { row in
                    row.enumerated().map { $0.offset == 0 ? .text($0.element) : .number($0.element) }
                },
                nothing: "None.")
        }
        if !notes.isEmpty {
            page.element("h2", "To be added by hand")
            page.raw("<ul>\(notes.map { "<li>\(HTMLText.escaped($0))</li>" }.joined())</ul>\n")
        }
        page.raw("</main></body></html>\n")
        return page.text
    }
}
