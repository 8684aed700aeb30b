import Foundation

extension ManualPage {
    /// The manual page of a Markdown text: headings, paragraphs, lists, tables and blocks of code.
    package static func page(named name: String, section: Int, title: String, markdown: String) -> String {
        var text = MarkdownPage(head(name, section) + ".SH NAME\n\(escaped(name)) \\- \(escaped(title))\n")
        for line in markdown.split(separator: "\n", omittingEmptySubsequences: false).dropFirst() {
            text.take(String(line))
        }
        return text.finished()
    }
}

/// A manual page as it grows, line by line of Markdown.
private struct MarkdownPage {
    private var page: String
    /// The lines of the paragraph or of the item of a list that is under way: code may begin on one and end on the next.
    private var open: [String] = []
    private var isCode = false
    /// Whether the next paragraph is set off from what stands before it.
    private var isApart = false
    /// Where the last heading ended: what comes first below it needs no distance.
    private var headingEnd = 0

    init(_ head: String) { page = head }

    mutating func finished() -> String {
        close()
        return page
    }

    mutating func take(_ line: String) {
        let trimmed = line.trimmingCharacters(in: .whitespaces)
        if line.hasPrefix("```") {
            close()
            page += isCode ? ".fi\n" : setOff() + ".nf\n"
            isCode.toggle()
        } else if isCode {
            page += ManualPage.escaped(line) + "\n"
        } else if trimmed.isEmpty {
            close()
            isApart = page.utf8.count != headingEnd
        } else if line.hasPrefix("    ") {
            close()
            page += setOff() + ".nf\n\(ManualPage.escaped(line))\n.fi\n"
        } else if line.hasPrefix("#") {
            close()
            let words = inline(line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces))
            page += line.hasPrefix("###") ? ".SS \(words)\n" : ".SH \(words.uppercased())\n"
            headingEnd = page.utf8.count
        } else if line.hasPrefix("|") {
            close()
            isApart = false
            page += row(line)
        } else if line.hasPrefix("- ") {
            close()
            isApart = false
            page += ".IP \\(bu 2\n"
            open = [String(line.dropFirst(2))]
        } else {
            if open.isEmpty { page += setOff() }
            open.append(trimmed)
        }
    }

    private mutating func setOff() -> String {
        defer { isApart = false }
        return isApart ? ".PP\n" : ""
    }

    private mutating func close() {
        if open.isEmpty { return }
        page += inline(open.joined(separator: "\n")) + "\n"
        open = []
    }

    /// A row of a table as an entry: the first cell, and what is said of it.
    private func row(_ line: String) -> String {
        let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        guard let first = cells.first, !first.allSatisfy({ $0 == "-" || $0 == ":" }) else { return "" }
        return ".TP\n\(inline(first))\n\(inline(cells.dropFirst().joined(separator: "; ")))\n"
    }

    /// Words in code as bold, links as their text.
    private func inline(_ text: String) -> String {
        let plain = text.replacing(/\[([^\]]*)\]\([^)]*\)/) { String($0.output.1) }
        let parts = plain.split(separator: "`", omittingEmptySubsequences: false)
        let joined = parts.enumerated().map { index, part in
            index % 2 == 1
                ? "\\fB\(ManualPage.escaped(String(part).replacing("\n", with: " ")))\\fR"
                : ManualPage.escaped(String(part).replacing("**", with: ""), startsLine: false)
        }.joined()
        // A line that begins so would be a request of roff.
        return joined.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix(".") || $0.hasPrefix("'") ? "\\&" + $0 : String($0) }.joined(separator: "\n")
    }
}
