import Foundation
import Metering

/// How far something has come, on one line of a terminal that is written over; nothing where standard error is none.
struct ProgressLine {
    private let isShown = isatty(STDERR_FILENO) == 1

    /// Shows the text in place of the one before.
    func show(_ text: ShownText) { write("\r\u{1B}[K\(text)") }

    /// Takes the line away.
    func clear() { write("\r\u{1B}[K") }

    private func write(_ text: String) {
        if isShown { FileHandle.standardError.write(Data(text.utf8)) }
    }
}
