import Metering

/// Texts as fields of CSV.
enum CSVText {
    /// A comma, a quotation mark, line breaks, a tab.
    private static let quoted: Set<UInt8> = [0x2C, 0x22, 0x0A, 0x0D, 0x09]
    /// `= + - @`, a tab, line breaks.
    private static let computed: Set<UInt8> = [0x3D, 0x2B, 0x2D, 0x40, 0x09, 0x0A, 0x0D]

    /// The text as one field: quoted where CSV demands it, and marked as text with an apostrophe where a spreadsheet
    /// would take it for a formula.
    ///
    /// Line breaks and tabs are part of a quoted field; other control characters are shown by their numbers
    /// (``ShownText``).
    static func field(_ raw: String) -> String {
        guard isDelicate(raw) else { return raw }
        var text = lines(raw)
        if isFormula(raw) { text = "'" + text }
        guard isFormula(raw) || text.utf8.contains(where: quoted.contains) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// Whether a spreadsheet computes what begins so; a lone sign is none.
    private static func isFormula(_ raw: String) -> Bool {
        guard let first = raw.utf8.first, raw.utf8.count > 1 else { return false }
        return computed.contains(first)
    }

    /// Whether there is anything in it that cannot stand as it is; most texts are names.
    private static func isDelicate(_ raw: String) -> Bool {
        isFormula(raw) || raw.utf8.contains { $0 < 0x20 || $0 >= 0x7F || quoted.contains($0) }
    }

    private static func lines(_ raw: String) -> String {
        var text = ""
        for scalar in raw.unicodeScalars {
            switch scalar {
            case "\n", "\r", "\t": text.unicodeScalars.append(scalar)
            default: text += ShownText(String(scalar)).text
            }
        }
        return text
    }
}
