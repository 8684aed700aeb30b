import CPlatform

/// Memory that was freed and is still held for the next allocation.
package enum FreedMemory {
    /// Lets what is large live outside the heap, for all that follows: it goes back to the system when it is freed, and
    /// leaves no holes that the small things of a thousand threads keep open.
    ///
    /// Two heaps do for all threads: of eight for each core every one keeps the holes that its busiest minute left. Polling
    /// takes no longer for it, as each thread has a small store of its own.
    package static func keepLittle() {
        mallopt(M_MMAP_THRESHOLD, 65_536)
        mallopt(M_ARENA_MAX, 2)
    }

    /// Gives it back to the system, and with it the code that only the start or a change needed.
    ///
    /// For the moment after something large has gone, as the tree of a configuration: the heap shrinks by itself only where
    /// nothing that is still used lies behind. Takes some milliseconds for each hundred megabytes. Of the programs' 60 MB of code
    /// a start touches more than half, and the plant at work less than half of that: what is run again comes back page by page.
    package static func giveBack() {
        malloc_trim(0)
        emsd_forget_code()
    }
}
