import ConfigurationSource
import Conformity
import Indicators
import Metering

extension PlantReader {
    /// An allowance that lets more than half of the windows exceed is probably its own opposite.
    func warnOfAllowance(_ allowance: Allowance?, _ field: Field, _ rule: WindowRule?) {
        switch allowance?.amount {
        case .share(let share, _)? where 2 * share.numerator > share.denominator:
            let rest = Double(share.denominator - share.numerator) / Double(share.denominator)
            let meant = CanonicalJSON.text(of: (rest * 1e8).rounded() / 1e6)
            field.warning(
                "'allow' lets more than half of the windows exceed (did you mean 'share: \(meant)%'?): "
                    + "the share is of windows that may exceed, not of those that are met")
        case .count(let count)?:
            guard let rule, let per = allowance?.per else { return }
            let windows = per.nominalLength / max(1, WindowRule(grid: rule.grid).nominalLength)
            guard windows > 0, 2 * Int64(count) > windows else { return }
            field.warning(
                "'allow' lets \(count) windows exceed, more than half of the \(windows) or so of its period: "
                    + "the count is of windows that may exceed")
        case .share, nil: break
        }
    }
}
