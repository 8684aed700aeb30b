import Foundation

/// Writes a screen to the terminal: only the lines that changed.
struct ScreenPainter {
    private var shown: [String] = []

    /// Forgets what stands on the screen, after another program or size was there.
    mutating func forget() { shown = [] }

    /// The bytes that turn what is shown into these lines; empty where nothing changed.
    mutating func paint(_ lines: [String]) -> String {
        var text = ""
        if shown.count != lines.count {
            text += "\u{1B}[2J"
            shown = []
        }
        for (row, line) in lines.enumerated() where row >= shown.count || shown[row] != line {
            text += "\u{1B}[\(row + 1);1H\(line)\u{1B}[K"
        }
        shown = lines
        return text.isEmpty ? "" : "\u{1B}[?2026h\(text)\u{1B}[?2026l"
    }
}
