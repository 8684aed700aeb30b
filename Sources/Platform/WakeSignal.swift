import CPlatform
import Glibc
import Synchronization

/// A flag that another thread raises to end the wait of a thread that blocks.
///
/// It stays raised: a wait that begins later ends at once too.
///
/// ```
/// let end = WakeSignal()
/// let thread = try OwnThread(name: "link") {
///     while !end.isRaised { poll(waitingOn: end.descriptor) }
/// }
/// end.raise()
/// thread.join()
/// ```
package final class WakeSignal: Sendable {
    /// The descriptor that becomes readable, to be waited on beside others.
    package let descriptor: Int32
    private let raised = Atomic<Bool>(false)

    /// Whether it has been raised.
    package var isRaised: Bool { raised.load(ordering: .acquiring) }

    /// A signal not yet raised; without a descriptor left in the process the flag cannot wake, and waits run their full time.
    package init() {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Ends the present wait only; ``settle()`` follows when the one who waited has looked around.
    package func nudge() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Lets waits wait again after a nudge; true where it was raised instead, for good.
    package func settle() -> Bool {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
        // Raised before the flag was read: the descriptor must stay readable.
        if isRaised { nudge() }
        return isRaised
    }

    /// Ends the present wait and every later one.
    package func raise() {
        raised.store(true, ordering: .releasing)
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }
}
