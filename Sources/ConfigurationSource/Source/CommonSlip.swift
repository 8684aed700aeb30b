/// What people write by habit from elsewhere, and what it is here.
package enum CommonSlip {
    /// `0,1` as it is written here, `0.1`; nil where the text is no number with a decimal comma.
    package static func decimalPoint(_ text: String) -> String? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 2, let last = parts[0].last, last.isASCII, last.isNumber, let first = parts[1].first,
            first.isASCII, first.isNumber
        else { return nil }
        let written = parts.joined(separator: ".")
        let number = written.hasSuffix("%") ? String(written.dropLast()) : written
        return Double(number)?.isFinite == true ? written : nil
    }

    /// `03E8`, `03E8h` or `$03E8` as it is written here, `0x03E8`; nil where the text is no hexadecimal number, or could
    /// be a decimal one.
    package static func hexadecimal(_ text: some StringProtocol) -> String? {
        var digits = text[...]
        let isMarked = "$#".contains(digits.first ?? " ") || "hH".contains(digits.last ?? " ")
        if "$#".contains(digits.first ?? " ") { digits.removeFirst() }
        if "hH".contains(digits.last ?? " ") { digits.removeLast() }
        guard (1...16).contains(digits.utf8.count), digits.allSatisfy({ $0.isASCII && $0.isHexDigit }),
            isMarked || digits.contains(where: \.isLetter) && digits.contains(where: \.isNumber)
        else { return nil }
        return "0x" + digits
    }

    /// The name in formulas of what other programs call so.
    package static func aggregate(_ name: String) -> String? {
        switch name.lowercased() {
        case "avg", "average", "mittelwert": "mean"
        case "minimum": "min"
        case "maximum": "max"
        case "std", "sd", "stdev": "stddev"
        case "quantile", "median", "perc": "percentile"
        case "increase", "diff", "difference", "consumption", "usage": "delta"
        case "integrate", "int", "area": "integral"
        case "cnt": "count"
        case "duration", "runtime": "hours"
        default: nil
        }
    }

    /// Spaces that look like blanks and are none: with their names, so that somebody can look for them.
    package static func oddSpace(_ scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0xA0: "no-break space (U+00A0)"
        case 0x202F: "narrow no-break space (U+202F)"
        case 0x2007: "figure space (U+2007)"
        case 0x3000: "ideographic space (U+3000)"
        case 0x200B: "zero-width space (U+200B)"
        case 0xFEFF: "byte order mark (U+FEFF)"
        default: nil
        }
    }

    /// Whether the text stands in typographic quotes, which YAML takes for a part of it.
    package static func hasCurlyQuotes(_ text: String) -> Bool {
        let quotes: Set<Unicode.Scalar> = ["“", "”", "„", "‟", "‘", "’", "‚", "«", "»"]
        let scalars = text.unicodeScalars
        guard let first = scalars.first, quotes.contains(first) else { return false }
        return scalars.last.map(quotes.contains) == true || !scalars.dropFirst().contains(where: quotes.contains)
    }
}
