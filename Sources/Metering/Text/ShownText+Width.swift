extension ShownText {
    /// How many columns of a terminal the text takes: two for a wide character of East Asia or a picture, none for a mark
    /// that stands above another.
    package var width: Int {
        var width = 0
        for scalar in text.unicodeScalars { width += ShownText.width(of: scalar) }
        return width
    }

    /// The text shortened in its middle to so many columns; as it is where it fits.
    ///
    /// `mark` stands for what is left out.
    package func shortened(to columns: Int, mark: String = "…") -> ShownText {
        guard width > columns else { return self }
        guard columns > 1 else { return ShownText(mark) }
        let head = columns / 2
        let front = ShownText.prefix(text, head)
        let back = ShownText.suffix(text, columns - 1 - ShownText.columns(of: front))
        return ShownText(front + mark + back)
    }

    /// The text's beginning in so many columns; as it is where it fits.
    package func cut(to columns: Int, mark: String = "…") -> ShownText {
        guard width > columns else { return self }
        return ShownText(ShownText.prefix(text, max(0, columns - 1)) + (columns > 0 ? mark : ""))
    }

    /// The text with a question mark for each column that a terminal without Unicode cannot show.
    package var inASCII: ShownText {
        guard text.utf8.contains(where: { $0 >= 0x80 }) else { return self }
        var plain = ""
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                plain.unicodeScalars.append(scalar)
            } else {
                plain += ShownText.substitutes[scalar] ?? String(repeating: "?", count: ShownText.width(of: scalar))
            }
        }
        return ShownText(plain)
    }

    private static let substitutes: [Unicode.Scalar: String] = ["…": "~", "·": "-", "→": ">", "–": "-", "−": "-"]

    private static func columns(of text: String) -> Int { ShownText(text).width }

    private static func prefix(_ text: String, _ columns: Int) -> String {
        var taken = 0
        var front = ""
        for character in text {
            taken += ShownText.columns(ofCharacter: character)
            if taken > columns { break }
            front.append(character)
        }
        return front
    }

    private static func suffix(_ text: String, _ columns: Int) -> String {
        var taken = 0
        var back: [Character] = []
        for character in text.reversed() {
            taken += ShownText.columns(ofCharacter: character)
            if taken > columns { break }
            back.append(character)
        }
        return String(back.reversed())
    }

    private static func columns(ofCharacter character: Character) -> Int {
        character.unicodeScalars.reduce(0) { $0 + width(of: $1) }
    }

    private static func width(of scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return wide.contains { $0.contains(scalar.value) } ? 2 : 1
        }
    }

    /// The blocks whose characters take two columns (Unicode's East Asian Width W and F).
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
        0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]
}
