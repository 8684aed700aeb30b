/// Cells of a terminal with dots in them: two by four a cell with braille, one by two in ASCII.
struct CellCanvas {
    /// What a cell shows first of all, the later before the earlier.
    enum Ink: Int, Comparable {
        case none, warning, limit, provisional, uncertain, value

        static func < (a: Ink, b: Ink) -> Bool { a.rawValue < b.rawValue }

        /// The number of the colour in escape sequences.
        var color: String {
            switch self {
            case .none: ""
            case .warning: "33"
            case .limit: "31"
            case .provisional: "2;36"
            case .uncertain: "35"
            case .value: "36"
            }
        }
    }

    let width, height: Int
    let isASCII: Bool
    private var dots: [UInt8]
    private var inks: [Ink]

    init(width: Int, height: Int, isASCII: Bool) {
        self.width = width
        self.height = height
        self.isASCII = isASCII
        dots = [UInt8](repeating: 0, count: width * height)
        inks = [Ink](repeating: .none, count: width * height)
    }

    var dotColumns: Int { isASCII ? width : width * 2 }
    var dotRows: Int { isASCII ? height * 2 : height * 4 }

    /// Sets a dot; rows count from above.
    mutating func dot(_ column: Int, _ row: Int, _ ink: Ink) {
        guard column >= 0, row >= 0, column < dotColumns, row < dotRows else { return }
        let cell: Int
        let bit: UInt8
        if isASCII {
            cell = row / 2 * width + column
            bit = 1 << UInt8(row % 2)
        } else {
            cell = row / 4 * width + column / 2
            bit = CellCanvas.bits[column % 2][row % 4]
        }
        dots[cell] |= bit
        inks[cell] = max(inks[cell], ink)
    }

    /// The bits of a braille cell, from above: the left and the right column.
    private static let bits: [[UInt8]] = [[1, 2, 4, 64], [8, 16, 32, 128]]

    /// A line of cells.
    func line(_ row: Int, hasColor: Bool) -> String {
        var text = ""
        var last = Ink.none
        for column in 0..<width {
            let cell = row * width + column
            if hasColor, inks[cell] != last {
                if last != .none { text += "\u{1B}[0m" }
                if inks[cell] != .none { text += "\u{1B}[\(inks[cell].color)m" }
                last = inks[cell]
            }
            text.append(character(dots[cell], inks[cell]))
        }
        return last == .none ? text : text + "\u{1B}[0m"
    }

    private func character(_ dots: UInt8, _ ink: Ink) -> Character {
        if dots == 0 { return " " }
        guard isASCII else { return Character(Unicode.Scalar(0x2800 + UInt32(dots)) ?? " ") }
        if ink == .limit || ink == .warning { return "-" }
        return dots == 1 ? "'" : dots == 2 ? "." : ":"
    }
}
