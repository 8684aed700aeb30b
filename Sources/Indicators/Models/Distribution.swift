import Foundation

/// The tails of the distributions that tell whether a model is chance.
package enum Distribution {
    /// How likely a value of Student's t beyond ±t is.
    static func studentTwoSided(_ t: Double, freedom: Double) -> Double {
        if t.isInfinite { return 0 }
        return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5)
    }

    /// The t that a value of Student's t stays within, on both sides of zero, with a probability below 1.
    package static func studentBound(_ probability: Double, freedom: Double) -> Double {
        var (low, high) = (0.0, 1.0)
        while studentTwoSided(high, freedom: freedom) > 1 - probability, high < 1e12 { high *= 2 }
        // Halved until nothing lies between: the same bits on every machine.
        while true {
            let middle = (low + high) / 2
            if middle <= low || middle >= high { return high }
            if studentTwoSided(middle, freedom: freedom) > 1 - probability { low = middle } else { high = middle }
        }
    }

    /// The value that a chi-square stays below half of the time.
    package static func chiSquareMedian(freedom: Double) -> Double {
        var (low, high) = (0.0, 1.0)
        while incompleteGamma(freedom / 2, high / 2) < 0.5, high < 1e9 { high *= 2 }
        while true {
            let middle = (low + high) / 2
            if middle <= low || middle >= high { return high }
            if incompleteGamma(freedom / 2, middle / 2) < 0.5 { low = middle } else { high = middle }
        }
    }

    /// The regularized lower incomplete gamma function P(a, x), by its power series.
    private static func incompleteGamma(_ a: Double, _ x: Double) -> Double {
        if x <= 0 { return 0 }
        var (term, sum, n) = (1 / a, 1 / a, a)
        while term > sum * 1e-17 {
            n += 1
            term *= x / n
            sum += term
        }
        return min(1, sum * exp(a * log(x) - x - logGamma(a)))
    }

    /// How likely a value of the normal distribution beyond ±z is.
    static func normalTwoSided(_ z: Double) -> Double { erfc(abs(z) / 2.0.squareRoot()) }

    /// How likely a value of Fisher's F above f is.
    static func fisherUpper(_ f: Double, _ numerator: Double, _ denominator: Double) -> Double {
        if f.isInfinite { return 0 }
        return incompleteBeta(denominator / (denominator + numerator * f), denominator / 2, numerator / 2)
    }

    /// The regularized incomplete beta function I_x(a, b).
    static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        if x <= 0 { return 0 }
        if x >= 1 { return 1 }
        // The fraction converges quickly only on the near side of the mean.
        if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
        let front = exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x))
        return front * betaFraction(x, a, b) / a
    }

    /// Lentz's continued fraction of the incomplete beta function.
    private static func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        func kept(_ value: Double) -> Double { abs(value) < 1e-300 ? 1e-300 : value }
        var c = 1.0
        var d = 1 / kept(1 - (a + b) * x / (a + 1))
        var fraction = d
        for step in 1...10_000 {
            let m = Double(step)
            for part in [
                m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
            ] {
                d = 1 / kept(1 + part * d)
                c = kept(1 + part / c)
                fraction *= d * c
            }
            if abs(d * c - 1) < 1e-16 { break }
        }
        return fraction
    }

    /// ln Γ(x) for x above 0: Stirling's series, after going up to where it is exact.
    static func logGamma(_ x: Double) -> Double {
        var shift = 0.0
        var z = x
        while z < 15 {
            shift += log(z)
            z += 1
        }
        let inverse = 1 / (z * z)
        let series =
            (1.0 / 12 - inverse * (1.0 / 360 - inverse * (1.0 / 1260 - inverse * (1.0 / 1680 - inverse / 1188)))) / z
        return (z - 0.5) * log(z) - z + 0.5 * log(2 * Double.pi) + series - shift
    }
}
