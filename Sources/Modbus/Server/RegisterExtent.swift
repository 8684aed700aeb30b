/// Which addresses of each table a simulated device has; all others are answered with exception 2.
package struct RegisterExtent: Sendable, Hashable {
    package var coils: Range<Int>
    package var discretes: Range<Int>
    package var holdings: Range<Int>
    package var inputs: Range<Int>

    /// The addresses of the four tables, each from the first to the last one in use.
    package init(
        coils: Range<Int> = 0..<0, discretes: Range<Int> = 0..<0, holdings: Range<Int> = 0..<0,
        inputs: Range<Int> = 0..<0
    ) {
        self.coils = coils
        self.discretes = discretes
        self.holdings = holdings
        self.inputs = inputs
    }
}
