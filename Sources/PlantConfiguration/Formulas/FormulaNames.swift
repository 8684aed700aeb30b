/// The names that stand in a formula, found without reading it.
enum FormulaNames {
    /// Whether the name stands in the formula as a whole word.
    static func contains(_ name: String, in formula: String) -> Bool {
        formula.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }.contains { $0 == name }
    }
}
