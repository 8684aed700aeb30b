import Metering

/// A series of readings in a compact notation: `100x30 0+10x6 _x5 250?x3 !timeout`.
///
/// Parts are separated by blanks. `100x30` is thirty readings of 100, `0+10x6` six that begin at 0 and rise by 10, `_` a
/// step without a reading, `?` behind a value makes it uncertain, `!` is a bad reading, perhaps with its reason.
///
/// ```
/// try SeriesNotation("0+10x3 _ 5?").steps
/// // [.reading(0, .good), .reading(10, .good), .reading(20, .good), .none, .reading(5, .uncertain)]
/// ```
package struct SeriesNotation: Sendable, Hashable {
    /// What stands at one step.
    package enum Step: Sendable, Hashable {
        case reading(Double, Quality)
        case bad(Reason)
        case none
    }

    /// Step by step.
    package let steps: [Step]

    /// What is wrong with a part of the text.
    package struct Fault: Error {
        package var message: String
    }

    /// Reads the notation.
    package init(_ text: String) throws(Fault) {
        var steps: [Step] = []
        for part in text.split(whereSeparator: { $0.isWhitespace }) {
            steps += try SeriesNotation.steps(of: part)
            if steps.count > SeriesNotation.most {
                throw Fault(message: "a series has at most \(SeriesNotation.most) steps")
            }
        }
        self.steps = steps
    }

    private static let most = 10_000_000

    private static func steps(of part: Substring) throws(Fault) -> [Step] {
        let (body, count) = repeated(part)
        guard count > 0, count <= most else { throw Fault(message: "'\(part)' repeats \(count) times") }
        if body == "_" { return Array(repeating: .none, count: count) }
        if body.first == "!" {
            let word = body.dropFirst()
            guard let reason = word.isEmpty ? Reason.missing : Reason(text: word) else {
                throw Fault(message: "'\(word)' is no reason of a bad reading, such as timeout or out-of-range")
            }
            return Array(repeating: .bad(reason), count: count)
        }
        let isUncertain = body.last == "?"
        let number = isUncertain ? body.dropLast() : body
        guard let (first, step) = line(number) else {
            throw Fault(message: "'\(part)' is none of 100, 100x30, 0+10x6, 5?x2, _x5 and !x3")
        }
        return (0..<count).map { .reading(first + Double($0) * step, isUncertain ? .uncertain : .good) }
    }

    /// A part without what stands behind its last `x`, and that number.
    private static func repeated(_ part: Substring) -> (Substring, Int) {
        guard let x = part.lastIndex(of: "x"), let count = Int(part[part.index(after: x)...]), x > part.startIndex
        else {
            return (part, 1)
        }
        return (part[..<x], count)
    }

    /// The first value and the rise of `0+10`, `5-0.5` or `7`.
    private static func line(_ text: Substring) -> (Double, Double)? {
        if let value = number(text) { return (value, 0) }
        // The sign of the rise is not that of the value or of its exponent.
        for index in text.indices.dropFirst().reversed() where text[index] == "+" || text[index] == "-" {
            let before = text[text.index(before: index)]
            if before == "e" || before == "E" { continue }
            guard let first = number(text[..<index]), let step = number(text[text.index(after: index)...]) else {
                continue
            }
            return (first, text[index] == "-" ? -step : step)
        }
        return nil
    }

    private static func number(_ text: Substring) -> Double? {
        guard let first = text.first, first.isNumber || first == "-" || first == ".", let value = Double(text),
            value.isFinite
        else { return nil }
        return value
    }
}
