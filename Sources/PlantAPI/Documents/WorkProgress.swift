import Foundation
import Platform

/// How far long work has come, and the one line that says it, whoever shows it: a terminal or the answer of a daemon.
///
/// ```
/// WorkProgress("replay", 1_234_567, "readings", share: 0.25).text(after: 2)
/// // replay: 25 %, 1,234,567 readings, 617,283 a second, 6 s left
/// ```
package struct WorkProgress: Sendable, Hashable {
    /// What is being done, in a few words.
    package var work: String
    /// How much of it is done.
    package var amount: Int
    /// Of what, e.g. `readings`.
    package var unit: String
    /// How much that is of the whole, from 0 to 1; nil where the whole is not known.
    package var share: Double?
    /// What else is to be said; empty: nothing.
    package var detail: String

    /// How far some work has come.
    package init(_ work: String, _ amount: Int, _ unit: String, share: Double?, detail: String = "") {
        self.work = work
        self.amount = amount
        self.unit = unit
        self.share = share
        self.detail = detail
    }

    /// The line after that many seconds of the work; the rate is left out before a second is over.
    package func text(after seconds: Double) -> String {
        var text = "\(work): "
        if let share { text += "\(Int(min(max(share, 0), 1) * 100)) %, " }
        text += "\(Self.whole(Double(amount))) \(unit)"
        if seconds >= 1, amount > 0 {
            let rate = Double(amount) / seconds
            text += ", \(rate < 10 ? "\((rate * 10).rounded() / 10)" : Self.whole(rate)) a second"
            if let share, share > 0.01 {
                let left = seconds / share * (1 - min(share, 1))
                text += left < 90 ? ", \(Int(left.rounded(.up))) s left" : ", \(Int((left / 60).rounded(.up))) min left"
            }
        }
        return detail.isEmpty ? text : "\(text); \(detail)"
    }

    private static func whole(_ number: Double) -> String {
        Int(number).formatted(.number.locale(Locale(identifier: "en")))
    }
}

/// When such a line is shown: with the first step, and then twice a second at the most.
package struct ProgressPace {
    private static let pause = Duration.milliseconds(500)

    private var work = ""
    private var began = MonotonicMoment.now
    private var said: MonotonicMoment?

    /// Nothing was shown yet; work that has no other beginning began now.
    package init() {}

    /// The line to show at a moment; nil while the last one is new enough. Other work begins its rate anew.
    package mutating func text(_ progress: WorkProgress, at now: MonotonicMoment = .now) -> String? {
        if progress.work != work {
            if !work.isEmpty { (began, said) = (now, nil) }
            work = progress.work
        }
        if let said, said.duration(to: now) < Self.pause { return nil }
        said = now
        return progress.text(after: began.duration(to: now) / .seconds(1))
    }
}
