import Foundation
import Metering

/// How far long work has come: one line of a terminal that is written over, on standard error; nothing where that is none.
package final class ProgressLine {
    private let work: String
    private let isShown: Bool
    private let began = ContinuousClock.now
    private var said: ContinuousClock.Instant?

    /// The line of some work, e.g. `replay`, that begins now.
    package init(_ work: String) {
        self.work = work
        isShown = isatty(STDERR_FILENO) == 1
    }

    /// Shows a text in place of the one before.
    package func show(_ text: ShownText) {
        if isShown { StandardStreams.progress(text.text) }
    }

    /// Shows how much is done, its rate and what remains, twice a second at the most.
    ///
    /// `share` is how much that is of the whole, from 0 to 1; nil where the whole is not known. `detail` follows.
    package func show(_ amount: Int, _ unit: String, share: Double?, _ detail: String = "") {
        guard isShown else { return }
        let now = ContinuousClock.now
        if let said, said.duration(to: now) < .milliseconds(500) { return }
        said = now
        let seconds = began.duration(to: now) / .seconds(1)
        let text = ProgressLine.text(work, amount, unit, share: share, after: seconds)
        show(ShownText(detail.isEmpty ? text : "\(text); \(detail)"))
    }

    /// Takes the line away.
    package func clear() { show("") }

    /// The line after that many seconds; the rate is left out before a second is over.
    package static func text(
        _ work: String, _ amount: Int, _ unit: String, share: Double?, after seconds: Double
    ) -> String {
        func whole(_ number: Double) -> String {
            Int(number).formatted(.number.locale(Locale(identifier: "en")))
        }
        var text = "\(work): "
        if let share { text += "\(Int(min(max(share, 0), 1) * 100)) %, " }
        text += "\(whole(Double(amount))) \(unit)"
        guard seconds >= 1, amount > 0 else { return text }
        let rate = Double(amount) / seconds
        text += ", \(rate < 10 ? "\((rate * 10).rounded() / 10)" : whole(rate)) a second"
        if let share, share > 0.01 {
            let left = seconds / share * (1 - min(share, 1))
            text += left < 90 ? ", \(Int(left.rounded(.up))) s left" : ", \(Int((left / 60).rounded(.up))) min left"
        }
        return text
    }
}
