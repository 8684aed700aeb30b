/// Reads formulas and conditions; what a name or a call with an unknown name means, the caller decides.
///
/// The grammar: numbers (`1`, `.5`, `1e3`), names (`a`, `meter.point`), calls, unary minus, `+ - * /`, brackets.
package struct ExpressionParser {
    /// One token with the column at which it starts.
    package struct Token: Hashable, Sendable {
        package enum Content: Hashable, Sendable {
            case number(Double, text: String)
            /// A name, with its dot if it has one.
            case name(String)
            /// Operators, brackets and commas.
            case symbol(String)
            case end
        }
        package var content: Content
        package var column: Int
    }

    /// The most tokens of a formula: a longer one would need more of the stack than a thread has.
    package static let mostTokens = 4000

    private var tokens: [Token]
    private var position = 0
    private var depth = 0

    /// A parser at the start of `text`.
    package init(_ text: String) throws(FormulaFault) { tokens = try ExpressionParser.tokens(of: text) }

    /// The token that is next.
    package var next: Token { tokens[position] }

    /// The token that is next, which is taken.
    package mutating func take() -> Token {
        let token = tokens[position]
        if position < tokens.count - 1 { position += 1 }
        return token
    }

    /// Takes the symbol if it is next, and says whether it was.
    package mutating func take(symbol: String) -> Bool {
        guard next.content == .symbol(symbol) else { return false }
        position += 1
        return true
    }

    /// Takes the symbol, or throws what stands there instead.
    package mutating func expect(symbol: String) throws(FormulaFault) {
        if !take(symbol: symbol) { throw unexpected("'\(symbol)'") }
    }

    /// Throws unless everything was taken.
    package func expectEnd() throws(FormulaFault) {
        if next.content != .end { throw unexpected("an operator or the end") }
    }

    /// The fault of finding something else than `wanted`.
    package func unexpected(_ wanted: String) -> FormulaFault {
        let found =
            switch next.content {
            case .end: "the formula ends"
            case .number(_, let text): "'\(text)' stands"
            case .name(let name): "'\(name)' stands"
            case .symbol(let symbol): "'\(symbol)' stands"
            }
        return FormulaFault(column: next.column, message: "\(found) where \(wanted) is expected\(decimalComma)")
    }

    /// What to write where the comma that is next stands right between two numbers.
    private var decimalComma: String {
        guard next.content == .symbol(","), position > 0, position + 1 < tokens.count,
            case .number(_, let whole) = tokens[position - 1].content, !whole.contains("."),
            case .number(_, let rest) = tokens[position + 1].content, rest.first != ".",
            tokens[position + 1].column == next.column + 1
        else { return "" }
        return " (did you mean '\(whole).\(rest)'?)"
    }

    /// Reads a sum; `leaf` is asked for each name that is no arithmetic function, with the parser after the name.
    package mutating func expression<Leaf>(
        _ leaf: (inout ExpressionParser, String, Int) throws(FormulaFault) -> Expression<Leaf>
    ) throws(FormulaFault) -> Expression<Leaf> {
        // A formula nested deeper than anybody writes must not end in an overflow of the stack.
        depth += 1
        defer { depth -= 1 }
        if depth > 100 { throw FormulaFault(column: next.column, message: "the formula is nested too deeply") }
        var left = try product(leaf)
        while true {
            if take(symbol: "+") {
                left = .binary(.add, left, try product(leaf))
            } else if take(symbol: "-") {
                left = .binary(.subtract, left, try product(leaf))
            } else {
                return left
            }
        }
    }

    /// Reads one comparison of two sums.
    package mutating func condition<Leaf>(
        _ leaf: (inout ExpressionParser, String, Int) throws(FormulaFault) -> Expression<Leaf>
    ) throws(FormulaFault) -> Condition<Leaf> {
        let left = try expression(leaf)
        guard case .symbol(let symbol) = next.content, let comparison = Comparison(rawValue: symbol) else {
            throw unexpected("one of == != < <= > >=")
        }
        position += 1
        return Condition(left, comparison, try expression(leaf))
    }

    private mutating func product<Leaf>(
        _ leaf: (inout ExpressionParser, String, Int) throws(FormulaFault) -> Expression<Leaf>
    ) throws(FormulaFault) -> Expression<Leaf> {
        var left = try factor(leaf)
        while true {
            if take(symbol: "*") {
                left = .binary(.multiply, left, try factor(leaf))
            } else if take(symbol: "/") {
                left = .binary(.divide, left, try factor(leaf))
            } else {
                return left
            }
        }
    }

    private mutating func factor<Leaf>(
        _ leaf: (inout ExpressionParser, String, Int) throws(FormulaFault) -> Expression<Leaf>
    ) throws(FormulaFault) -> Expression<Leaf> {
        let token = next
        switch token.content {
        case .symbol("-"):
            position += 1
            depth += 1
            defer { depth -= 1 }
            if depth > 100 { throw FormulaFault(column: token.column, message: "the formula is nested too deeply") }
            return .negated(try factor(leaf))
        case .symbol("("):
            position += 1
            let inner = try expression(leaf)
            try expect(symbol: ")")
            return inner
        case .number(let number, _):
            position += 1
            return .number(number)
        case .name(let name):
            position += 1
            guard let function = ArithmeticFunction(rawValue: name) else { return try leaf(&self, name, token.column) }
            try expect(symbol: "(")
            var arguments = [try expression(leaf)]
            while take(symbol: ",") { arguments.append(try expression(leaf)) }
            try expect(symbol: ")")
            guard arguments.count == function.arity else {
                let wanted = "\(function.arity) argument\(function.arity == 1 ? "" : "s")"
                throw FormulaFault(column: token.column, message: "\(name) takes \(wanted), not \(arguments.count)")
            }
            return .call(function, arguments)
        default: throw unexpected("a number, a name or '('")
        }
    }

    /// The symbol of a formula that somebody wrote as in a spreadsheet, in other languages or in print.
    private static func meant(_ pair: String, _ character: Character) -> String? {
        switch pair {
        case "=>": return ">="
        case "=<": return "<="
        default: break
        }
        return switch character {
        case "=": "=="
        case "≤": "<="
        case "≥": ">="
        case "≠": "!="
        case "×", "·", "⋅": "*"
        case "÷", ":": "/"
        case "−", "–": "-"
        case ";": ","
        default: nil
        }
    }

    private static func tokens(of text: String) throws(FormulaFault) -> [Token] {
        var tokens: [Token] = []
        let characters = Array(text)
        var index = 0
        func isDigit(_ at: Int) -> Bool { at < characters.count && characters[at].isASCII && characters[at].isNumber }
        func isNameStart(_ at: Int) -> Bool {
            at < characters.count && (characters[at] == "_" || (characters[at].isASCII && characters[at].isLetter))
        }
        while index < characters.count {
            guard tokens.count < mostTokens else {
                throw FormulaFault(column: index, message: "the formula is too long: split it into derived points")
            }
            let character = characters[index]
            let start = index
            if character.isWhitespace {
                index += 1
            } else if isDigit(index) || (character == "." && isDigit(index + 1)) {
                while isDigit(index) { index += 1 }
                if index < characters.count, characters[index] == "." {
                    index += 1
                    while isDigit(index) { index += 1 }
                }
                if index < characters.count, characters[index] == "e" || characters[index] == "E" {
                    var after = index + 1
                    if after < characters.count, characters[after] == "+" || characters[after] == "-" { after += 1 }
                    if isDigit(after) {
                        index = after
                        while isDigit(index) { index += 1 }
                    }
                }
                let literal = String(characters[start..<index])
                guard let number = Double(literal), number.isFinite else {
                    throw FormulaFault(column: start, message: "'\(literal)' is not a number")
                }
                tokens.append(Token(content: .number(number, text: literal), column: start))
            } else if isNameStart(index) {
                while isNameStart(index) || isDigit(index) || (index < characters.count && characters[index] == ".") {
                    index += 1
                }
                tokens.append(Token(content: .name(String(characters[start..<index])), column: start))
            } else {
                let pair = String(characters[index..<min(index + 2, characters.count)])
                if Comparison(rawValue: pair) != nil {
                    tokens.append(Token(content: .symbol(pair), column: start))
                    index += 2
                } else if "+-*/(),<>".contains(character) {
                    tokens.append(Token(content: .symbol(String(character)), column: start))
                    index += 1
                } else {
                    let hint = meant(pair, character).map { " (did you mean '\($0)'?)" } ?? ""
                    throw FormulaFault(column: start, message: "'\(character)' does not belong into a formula\(hint)")
                }
            }
        }
        tokens.append(Token(content: .end, column: characters.count))
        return tokens
    }
}
