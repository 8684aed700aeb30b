import Metering

/// The vertical axis: what it spans, and ticks at 1, 2 or 5 times a power of ten.
package struct ValueScale: Sendable, Hashable {
    /// The values at the axis's ends.
    package var lower, upper: Double
    /// The distance of two ticks.
    package var step: Double

    /// The scale that holds these values with at most so many ticks; one of no extent gets some around it.
    package init(holding values: some Sequence<Double>, ticks: Int) {
        var low = Double.infinity
        var high = -Double.infinity
        for value in values where value.isFinite {
            low = min(low, value)
            high = max(high, value)
        }
        if low > high { (low, high) = (0, 1) }
        if low == high {
            let extent = low == 0 ? 1 : abs(low) * 0.1
            (low, high) = (low - extent, high + extent)
        }
        // What is nearly zero-based is shown from zero, so that heights can be compared.
        if low > 0, low < high * 0.4 { low = 0 }
        if high < 0, high > low * 0.4 { high = 0 }
        step = ValueScale.niceStep((high - low) / Double(max(1, ticks - 1)))
        lower = (low / step).rounded(.down) * step
        upper = (high / step).rounded(.up) * step
    }

    /// Where a value stands between the ends, 0 at the lower one; not clamped.
    package func share(_ value: Double) -> Double { (value - lower) / (upper - lower) }

    /// The ticks from below, with their texts.
    package var ticks: [(value: Double, text: String)] {
        let count = Int(((upper - lower) / step).rounded())
        return (0...max(0, min(count, 100))).map { index in
            let value = lower + Double(index) * step
            return (value, ChartText.number(value, step: step))
        }
    }

    private static func niceStep(_ raw: Double) -> Double {
        var power = 1.0
        while raw >= power * 10, power < 1e290 { power *= 10 }
        while raw < power, power > 1e-290 { power /= 10 }
        for factor in [1.0, 2, 5] where raw <= factor * power * (1 + 1e-9) { return factor * power }
        return 10 * power
    }
}
