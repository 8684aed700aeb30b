/// What whoever shows a table can show: the size of the screen, colour, and which characters.
///
/// Without a width nothing is left out and nothing is shortened, as for a pipe.
package struct TerminalForm: Sendable, Hashable {
    /// Columns of the screen; nil: as many as are needed.
    package var width: Int?
    /// Lines of the screen; nil: as many as are needed.
    package var height: Int?
    /// Whether words may be coloured; colour never says anything that no word says.
    package var hasColor = false
    /// Whether only ASCII can be shown.
    package var isASCII = false

    /// A screen of any size, without colour.
    package init() {}

    /// A screen of that size.
    package init(width: Int?, height: Int?, hasColor: Bool = false, isASCII: Bool = false) {
        self.width = width
        self.height = height
        self.hasColor = hasColor
        self.isASCII = isASCII
    }

    /// What is asked of a daemon for it.
    package var items: [(String, String)] {
        var items: [(String, String)] = []
        if let width { items.append(("width", String(width))) }
        if let height { items.append(("height", String(height))) }
        if hasColor { items.append(("color", "true")) }
        if isASCII { items.append(("ascii", "true")) }
        return items
    }

    /// Takes one item of a request; false where it is none of these. Throws a ``CommandError`` (64) for a size that is none.
    package mutating func take(_ key: String, _ value: String) throws -> Bool {
        switch key {
        case "width": width = try TerminalForm.size(key, value)
        case "height": height = try TerminalForm.size(key, value)
        case "color": hasColor = value != "false"
        case "ascii": isASCII = value != "false"
        default: return false
        }
        return true
    }

    private static func size(_ key: String, _ value: String) throws -> Int {
        guard let size = Int(value), (1...10_000).contains(size) else {
            throw CommandError(.usage, "\(key) '\(value)' is no size of a screen: a number from 1 to 10000")
        }
        return size
    }
}
