import Foundation
import Synchronization

/// Ctrl-C as a wish to end with what there is; the second one ends at once.
package enum Interrupt {
    private static let raised = Atomic<Bool>(false)

    /// Begins to take the first Ctrl-C as a wish.
    package static func watch() {
        signal(SIGINT) { _ in
            Interrupt.raised.store(true, ordering: .relaxed)
            signal(SIGINT, SIG_DFL)
        }
    }

    /// Whether somebody wants an end.
    package static var isRaised: Bool { raised.load(ordering: .relaxed) }
}
