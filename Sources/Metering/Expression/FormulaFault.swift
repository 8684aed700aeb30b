/// What is wrong with a formula, and at which character of it.
package struct FormulaFault: Error, Hashable, Sendable {
    /// Zero-based offset in characters from the formula's start.
    package var column: Int
    /// One sentence without a full stop.
    package var message: String
    /// The name that is not known, where that is the fault: somebody may know a near one.
    package var unknownName: String?

    /// A fault at `column`.
    package init(column: Int, message: String, unknownName: String? = nil) {
        self.column = column
        self.message = message
        self.unknownName = unknownName
    }
}
