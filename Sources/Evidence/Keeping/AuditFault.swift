/// Why a head cannot be signed or a proof not given, as a sentence that says what to do.
package struct AuditFault: Error, Hashable, CustomStringConvertible {
    package let message: String

    /// A fault with its sentence.
    package init(_ message: String) { self.message = message }

    package var description: String { message }
}
