import Foundation
import Metering
import PlantAPI

/// How far long work has come: one line of a terminal that is written over, on standard error; nothing where that is none.
///
/// ```
/// let line = ProgressLine("replay")
/// for row in 1...rows { line.show(row, "readings", share: Double(row) / Double(rows)) }
/// line.clear()
/// ```
package final class ProgressLine {
    private let work: String
    private let isShown: Bool
    private var pace = ProgressPace()

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
        show(WorkProgress(work, amount, unit, share: share, detail: detail))
    }

    /// Shows how far the work has come, twice a second at the most.
    package func show(_ progress: WorkProgress) {
        guard isShown, let text = pace.text(progress) else { return }
        show(ShownText(text))
    }

    /// Takes the line away.
    package func clear() { show("") }
}
