import Modbus

/// What a device was found to refuse: kept for a day, then tried anew.
struct RefusedItems {
    /// Nanoseconds after which it is tried anew.
    static let validity: Int64 = 86_400_000_000_000

    /// Items by index, with the exception.
    private(set) var items: [Int: UInt8] = [:]
    private var found: [Int: UInt8] = [:]
    private var since: Int64?
    private var learnedOfPlan = false

    /// Records that an item was isolated in this slot.
    mutating func isolate(_ item: Int, exception: UInt8) { found[item] = exception }

    /// Records that a gap, a seam or a limit was learned, which is tried anew with the rest.
    mutating func learnedPlan() { learnedOfPlan = true }

    /// Ends a slot. What was isolated is believed only where the device answered for something else.
    ///
    /// Returns the items newly believed to be refused.
    mutating func endSlot(anyRead: Bool, now: Int64) -> [Int: UInt8] {
        defer { found = [:] }
        guard anyRead, !found.isEmpty || learnedOfPlan else { return [:] }
        learnedOfPlan = false
        since = since ?? now
        items.merge(found) { _, new in new }
        return found
    }

    /// Whether what is known is old enough to be tried anew; forgets it then.
    mutating func expire(now: Int64) -> Bool {
        guard let since, now - since >= RefusedItems.validity else { return false }
        items = [:]
        self.since = nil
        return true
    }
}
