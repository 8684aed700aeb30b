/// An exact fraction, for shares and coverages that must not be rounded before they are compared (`2/3`, `0.75`, `3%`).
package struct ExactFraction: Sendable, Hashable {
    package var numerator: Int64
    /// Greater than zero.
    package var denominator: Int64

    /// The fraction `numerator / denominator`; the denominator must be greater than zero.
    package init(_ numerator: Int64, _ denominator: Int64) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// The number written as decimal, fraction or percentage: `0.75`, `2/3`, `95%`, `95 %`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        var body = Substring(text).drop { $0 == " " }
        while body.last == " " { body.removeLast() }
        var scale: Int64 = 1
        if body.last == "%" {
            body.removeLast()
            while body.last == " " { body.removeLast() }
            scale = 100
        }
        let parts = body.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = ExactFraction.decimal(parts[0]) else { return nil }
        var second = ExactFraction(1, 1)
        if parts.count == 2 {
            guard let divisor = ExactFraction.decimal(parts[1]), divisor.numerator > 0 else { return nil }
            second = divisor
        }
        let top = first.numerator.multipliedReportingOverflow(by: second.denominator)
        let bottom = first.denominator.multipliedReportingOverflow(by: second.numerator)
        let scaled = bottom.partialValue.multipliedReportingOverflow(by: scale)
        guard !top.overflow, !bottom.overflow, !scaled.overflow else { return nil }
        self.init(top.partialValue, scaled.partialValue)
    }

    private static func decimal(_ text: some StringProtocol) -> ExactFraction? {
        var numerator: Int64 = 0
        var denominator: Int64 = 1
        var digits = 0
        var fraction = false
        var negative = false
        for (index, character) in text.utf8.enumerated() {
            switch character {
            case UInt8(ascii: "-") where index == 0: negative = true
            case UInt8(ascii: ".") where !fraction: fraction = true
            case 48...57:
                digits += 1
                guard digits <= 17 else { return nil }
                numerator = numerator * 10 + Int64(character - 48)
                if fraction { denominator *= 10 }
            default: return nil
            }
        }
        return digits > 0 ? ExactFraction(negative ? -numerator : numerator, denominator) : nil
    }

    /// As floating point, for display and arithmetic that need not be exact.
    package var value: Double { Double(numerator) / Double(denominator) }

    /// Whether `part / whole` is at least this fraction, exactly; `whole` must be greater than zero.
    package func isReached(by part: Int64, of whole: Int64) -> Bool {
        Int128(part) * Int128(denominator) >= Int128(numerator) * Int128(whole)
    }

    /// The largest whole number not above this fraction of `count`.
    package func floor(of count: Int) -> Int {
        let product = Int128(count) * Int128(numerator)
        let bottom = Int128(denominator)
        return Int(product >= 0 ? product / bottom : -((-product + bottom - 1) / bottom))
    }

    /// This fraction of `count`, rounded half up.
    package func roundedHalfUp(of count: Int) -> Int {
        let doubled = 2 * Int128(count) * Int128(numerator) + Int128(denominator)
        return Int(doubled / (2 * Int128(denominator)))
    }
}
