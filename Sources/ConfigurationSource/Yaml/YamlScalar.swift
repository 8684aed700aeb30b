/// A scalar as written; what it means (YAML 1.2 core schema) is decided by who reads it.
package struct YamlScalar: Sendable {
    package enum Style: Sendable {
        case plain
        case singleQuoted
        case doubleQuoted
        case block
    }

    /// As written, without quotes.
    package var text: String
    package var style: Style
    /// The line, from 1, on which it ends.
    package var endLine: Int

    /// A scalar.
    package init(text: String, style: Style, endLine: Int) {
        self.text = text
        self.style = style
        self.endLine = endLine
    }

    /// Without quotes, so that it may be a number, true or false, or nothing.
    package var isPlain: Bool { style == .plain }

    /// The start of the text, for messages.
    package var excerpt: String {
        let line = text.prefix { !$0.isNewline }
        return line.count > 60 ? line.prefix(57) + "…" : String(line)
    }

    /// Nothing: `key:`, `~` or `null`.
    package var isNull: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) }

    /// `true` or `false`; `on`, `yes` and their like are text.
    package var flag: Bool? {
        guard isPlain else { return nil }
        return switch text {
        case "true", "True", "TRUE": true
        case "false", "False", "FALSE": false
        default: nil
        }
    }

    /// A whole number: decimal, `0x` or `0o`; nil where it is none or too large.
    package var integer: Int64? {
        guard isPlain else { return nil }
        if text.hasPrefix("0x") { return digits(2, radix: 16) }
        if text.hasPrefix("0o") { return digits(2, radix: 8) }
        let unsigned = text.drop { $0 == "-" || $0 == "+" }
        guard text.utf8.count - unsigned.utf8.count <= 1, unsigned.utf8.allSatisfy(isDigit) else { return nil }
        return Int64(text)
    }

    /// A number: whole, with fraction, with exponent; `.inf` and `.nan` are none here, nor is what overflows.
    package var number: Double? {
        if let integer { return Double(integer) }
        guard isPlain else { return nil }
        var rest = text.utf8[...]
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = rest.prefix(while: isDigit).count
            rest = rest.dropFirst(fraction)
        }
        guard whole.count + fraction > 0 else { return nil }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
            guard !rest.isEmpty, rest.allSatisfy(isDigit) else { return nil }
            rest = rest.suffix(0)
        }
        guard rest.isEmpty, let number = Double(text), number.isFinite else { return nil }
        return number
    }

    private func digits(_ skipped: Int, radix: Int) -> Int64? {
        let rest = text.dropFirst(skipped)
        guard let first = rest.first, first != "-", first != "+" else { return nil }
        // A device's 64-bit patterns do not fit a signed number: the bits are kept.
        return UInt64(rest, radix: radix).map { Int64(bitPattern: $0) }
    }
}

private func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
