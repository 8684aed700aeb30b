import Charts
import Metering

/// HTML as it is written: every text escaped.
struct HTMLText {
    private(set) var text = ""

    /// Adds what is HTML already.
    mutating func raw(_ html: String) { text += html }

    /// Adds an element with a text in it.
    mutating func element(_ name: String, _ words: String, class style: String? = nil) {
        text += "<\(name)\(style.map { " class=\"\($0)\"" } ?? "")>\(HTMLText.escaped(words))</\(name)>\n"
    }

    /// Adds a table; a cell that is a number stands at the right. `caption` says what it is.
    ///
    /// On a telephone the cells of a stacked one stand below each other, each after its head.
    mutating func table(
        _ caption: String, isStacked: Bool = false, _ head: [String], _ rows: [[Cell]], nothing: String
    ) {
        guard !rows.isEmpty else { return element("p", nothing, class: "quiet") }
        text +=
            "<div class=\"scroll\"><table\(isStacked ? " class=\"stack\"" : "")><caption>\(HTMLText.escaped(caption))</caption><thead><tr>"
        text += head.map { "<th scope=\"col\">\(HTMLText.escaped($0))</th>" }.joined()
        text += "</tr></thead>\n<tbody>\n"
        for row in rows {
            let cells = zip(head, row).enumerated().map { place, cell in
                cell.1.html(label: isStacked && place > 0 ? cell.0 : "")
            }
            text += "<tr>" + cells.joined() + "</tr>\n"
        }
        text += "</tbody></table></div>\n"
    }

    /// Adds a picture with the table of the same numbers under it.
    mutating func figure(_ svg: String, _ caption: String, _ head: [String], _ rows: [[Cell]]) {
        guard !svg.isEmpty else { return }
        text += "<figure>\(svg)<figcaption>\(HTMLText.escaped(caption))</figcaption>"
        text += "<details><summary>The numbers</summary>"
        table(caption, head, rows, nothing: "No numbers.")
        text += "</details></figure>\n"
    }

    /// A link to what stands on the same page.
    static func link(to id: String) -> String { "<a href=\"#\(escaped(id))\">\(escaped(id))</a>" }

    static func escaped(_ words: String) -> String { SVGText.escaped(words) }
}

/// One cell of a table.
enum Cell {
    case text(String)
    /// At the right.
    case number(String)
    /// A word that is set off: `bad`, `warning`, `met` or `quiet`.
    case toned(String, String)
    /// A number that is set off, at the right.
    case tonedNumber(String, String)
    /// HTML already.
    case raw(String)

    /// The cell with the label that it has where it stands alone, if any.
    func html(label: String) -> String {
        let label = label.isEmpty ? "" : " data-label=\"\(HTMLText.escaped(label))\""
        return switch self {
        case .text(let words): "<td\(label)>\(HTMLText.escaped(words))</td>"
        case .number(let words): "<td\(label) class=\"n\">\(HTMLText.escaped(words))</td>"
        case .toned(let words, let tone): "<td\(label) class=\"t-\(tone)\">\(HTMLText.escaped(words))</td>"
        case .tonedNumber(let words, let tone): "<td\(label) class=\"n t-\(tone)\">\(HTMLText.escaped(words))</td>"
        case .raw(let html): "<td\(label)>\(html)</td>"
        }
    }
}

extension HTMLText {
    /// A text of several lines, each escaped.
    static func lines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { escaped(String($0)) }.joined(
            separator: "\n")
    }
}
