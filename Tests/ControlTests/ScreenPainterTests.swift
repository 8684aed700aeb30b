import Metering
import TestKit
import Testing

@testable import emsctl

/// A terminal that knows as much as the painter writes.
private struct Terminal {
    var cells: [[String]]
    private var style = ""

    init(_ rows: Int, _ columns: Int) { cells = Array(repeating: Array(repeating: " ", count: columns), count: rows) }

    mutating func take(_ text: String) {
        var (row, column) = (0, 0)
        var rest = text[...]
        while let character = rest.first {
            rest = rest.dropFirst()
            guard character == "\u{1B}" else {
                let width = ShownText(String(character)).width
                cells[row][column] = style + String(character)
                for further in 1..<max(1, width) { cells[row][column + further] = style }
                column += width
                continue
            }
            let end = rest.firstIndex { $0.isLetter } ?? rest.startIndex
            let parameters = rest[..<end].dropFirst()
            switch rest[end] {
            case "H":
                let numbers = parameters.split(separator: ";").compactMap { Int($0) }
                (row, column) = (numbers[0] - 1, numbers[1] - 1)
            case "K": for further in column..<cells[row].count { cells[row][further] = " " }
            case "J": cells = cells.map { $0.map { _ in " " } }
            case "m": style = parameters == "0" ? "" : style + "<\(parameters)>"
            default: break
            }
            rest = rest[rest.index(after: end)...]
        }
    }
}

@Suite("What is written to the terminal")
struct ScreenPainterTests {
    private static let pieces = [
        "boiler", " ", "  ", "23.4", "kW", "\u{1B}[1;31m!!\u{1B}[0m", "\u{1B}[2m→ next\u{1B}[0m", "测量", "⣀⣤", "é", "",
        "\u{1B}[7m marked \u{1B}[0m",
    ]

    @Test("leaves the screen as if all of it had been written, whatever stood there before", arguments: 0..<40)
    func same(_ seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        var painter = ScreenPainter()
        var screen = Terminal(4, 120)
        var lines = Array(repeating: "", count: 4)
        for _ in 0..<30 {
            for row in lines.indices where numbers.below(3) > 0 {
                lines[row] = (0..<numbers.below(9)).map { _ in Self.pieces[numbers.below(Self.pieces.count)] }.joined()
            }
            screen.take(painter.paint(lines))
            var whole = ScreenPainter()
            var fresh = Terminal(4, 120)
            fresh.take(whole.paint(lines))
            #expect(screen.cells == fresh.cells, "\(lines)")
        }
    }

    @Test("is only what changed: a number within a line costs its digits and the way there")
    func few() {
        var painter = ScreenPainter()
        let name = "feeder_7.power"
        _ = painter.paint([name + "   231.4 kW   ⣀⣤⣶  since 12:00:01", "all is well"])
        let text = painter.paint([name + "   231.9 kW   ⣀⣤⣶  since 12:00:02", "all is well"])
        #expect(text == "\u{1B}[?2026h\u{1B}[1;22H9\u{1B}[1;47H2\u{1B}[?2026l")
        #expect(painter.paint([name + "   231.9 kW   ⣀⣤⣶  since 12:00:02", "all is well"]).isEmpty)
    }
}
