import Foundation

/// How much a thread gives way to others.
package enum ThreadPriority {
    /// Lets the calling thread give way to all others of the process and the machine that have something to do.
    package static func lower() {
        // On Linux 0 is the thread that calls, and none other.
        _ = setpriority(Int32(PRIO_PROCESS.rawValue), 0, 15)
    }
}
