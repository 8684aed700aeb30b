import CModbus

/// Memory that was freed and is still held for the next allocation.
package enum FreedMemory {
    /// Gives it back to the system.
    ///
    /// For the moment after something large has gone, as the tree of a configuration: the heap shrinks by itself only where
    /// nothing that is still used lies behind. Takes some milliseconds for each hundred megabytes.
    package static func giveBack() { malloc_trim(0) }
}
