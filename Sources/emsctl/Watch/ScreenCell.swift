import Metering

/// One column of a screen: a character and how it is painted.
struct ScreenCell: Hashable {
    /// The character; empty in the second column of a wide one.
    var text: String
    /// The attributes in force, as they are switched on; empty: none.
    var style: String

    /// The columns of a line that may hold attributes (`ESC[…m`); blanks at its end are left out.
    static func cells(_ line: String) -> [ScreenCell] {
        var cells: [ScreenCell] = []
        var style = ""
        var rest = line[...]
        while let character = rest.first {
            if character == "\u{1B}", let end = rest.firstIndex(of: "m") {
                let attributes = rest[...end]
                style = attributes == "\u{1B}[0m" || attributes == "\u{1B}[m" ? "" : style + attributes
                rest = rest[rest.index(after: end)...]
                continue
            }
            rest = rest.dropFirst()
            let width = ShownText(String(character)).width
            guard width > 0 else { continue }
            cells.append(ScreenCell(text: String(character), style: style))
            for _ in 1..<width { cells.append(ScreenCell(text: "", style: style)) }
        }
        while cells.last == ScreenCell(text: " ", style: "") { cells.removeLast() }
        return cells
    }
}
