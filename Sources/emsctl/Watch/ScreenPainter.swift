/// Writes a screen to the terminal: only the characters that changed, for a line of 9600 baud has room for no more.
struct ScreenPainter {
    /// As many unchanged columns cost less than going on behind them.
    private static let gap = 6

    private var shown: [(line: String, cells: [ScreenCell])] = []

    /// Forgets what stands on the screen, after another program or size was there.
    mutating func forget() { shown = [] }

    /// The bytes that turn what is shown into these lines; empty where nothing changed.
    mutating func paint(_ lines: [String]) -> String {
        var text = ""
        if shown.count != lines.count {
            text += "\u{1B}[2J"
            shown = Array(repeating: ("", []), count: lines.count)
        }
        for (row, line) in lines.enumerated() where shown[row].line != line {
            let cells = ScreenCell.cells(line)
            text += ScreenPainter.change(shown[row].cells, into: cells, row: row)
            shown[row] = (line, cells)
        }
        return text.isEmpty ? "" : "\u{1B}[?2026h\(text)\u{1B}[?2026l"
    }

    private static func change(_ old: [ScreenCell], into new: [ScreenCell], row: Int) -> String {
        func isChanged(_ column: Int) -> Bool { column >= old.count || old[column] != new[column] }
        var text = ""
        var column = 0
        while column < new.count {
            guard isChanged(column) else {
                column += 1
                continue
            }
            var (end, next) = (column + 1, column + 1)
            while next < new.count, next - end < gap {
                next += 1
                if isChanged(next - 1) { end = next }
            }
            // A wide character is written from its first column on.
            while column > 0, new[column].text.isEmpty { column -= 1 }
            text += "\u{1B}[\(row + 1);\(column + 1)H" + written(new[column..<end])
            column = end
        }
        if new.count < old.count { text += "\u{1B}[\(row + 1);\(new.count + 1)H\u{1B}[K" }
        return text
    }

    private static func written(_ cells: ArraySlice<ScreenCell>) -> String {
        var text = ""
        var style = ""
        for cell in cells {
            if cell.style != style {
                text += (style.isEmpty ? "" : "\u{1B}[0m") + cell.style
                style = cell.style
            }
            text += cell.text
        }
        return text + (style.isEmpty ? "" : "\u{1B}[0m")
    }
}
