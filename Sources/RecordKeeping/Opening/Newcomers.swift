/// Indicators whose past is still to be computed, beside the engine at work, which is without them.
///
/// The engine of the opening has all indicators: come to the present, it takes the place of the one at work.
package struct Newcomers {
    package let opening: EngineOpening
    package let indicators: Set<Int>
    /// Whether its engine has gone past what a revision changed, so that all is to be opened anew after the transaction.
    package var isOutdated = false

    /// An opening beside the engine at work.
    package init(opening: EngineOpening, indicators: Set<Int>) {
        self.opening = opening
        self.indicators = indicators
    }
}
