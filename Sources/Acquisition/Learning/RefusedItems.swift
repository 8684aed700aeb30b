import Modbus

/// What a device was found to refuse: kept for a day, then tried anew.
struct RefusedItems {
    /// Nanoseconds after which it is tried anew.
    static let validity: Int64 = 86_400_000_000_000
    /// Slots in a row without any value after which a device is said to refuse everything.
    static let patience = 3

    /// Items by index, with the exception.
    private(set) var items: [Int: UInt8] = [:]
    /// Items that were refused the day before, until they are read or refused again.
    private(set) var doubted: [Int: UInt8] = [:]
    /// When the device was last tried as if nothing were known; nil where nothing is.
    private(set) var since: Int64?
    /// The exception with which it refused everything, once that was announced.
    private(set) var refusesAll: UInt8?
    private var found: [Int: UInt8] = [:]
    private var emptySlots = 0
    private var learnedOfPlan = false

    /// Nothing is refused.
    init() {}

    /// Whether a slot in which something was read ends without anything to be thought over.
    var isSettled: Bool { found.isEmpty && doubted.isEmpty && !learnedOfPlan && refusesAll == nil && emptySlots == 0 }

    /// What was known before, since that moment.
    init(items: [Int: UInt8], since: Int64, refusesAll: UInt8?) {
        self.items = items
        self.since = since
        self.refusesAll = refusesAll
    }

    /// Records that an item was isolated in this slot.
    mutating func isolate(_ item: Int, exception: UInt8) { found[item] = exception }

    /// Records that a gap, a seam or a limit was learned, which is tried anew with the rest.
    mutating func learnedPlan() { learnedOfPlan = true }

    /// Ends a slot. What was isolated is believed only where the device answered for something else.
    mutating func endSlot(read: [Bool], exception: UInt8?, now: Int64) -> Learning {
        defer {
            found = [:]
            learnedOfPlan = false
        }
        var learning = Learning()
        guard read.contains(true) else {
            guard let exception else { return learning }
            emptySlots += 1
            if emptySlots >= RefusedItems.patience, refusesAll == nil {
                refusesAll = exception
                since = since ?? now
                learning.refusesAll = exception
                learning.isNews = true
            }
            return learning
        }
        emptySlots = 0
        if refusesAll != nil {
            refusesAll = nil
            learning.isNews = true
        }
        for item in doubted.keys.sorted() where read[item] {
            doubted[item] = nil
            learning.accepted.append(item)
            learning.isNews = true
        }
        guard !found.isEmpty || learnedOfPlan else { return learning }
        since = since ?? now
        learning.isNews = true
        for (item, exception) in found {
            items[item] = exception
            if doubted.removeValue(forKey: item) == nil { learning.refused[item] = exception }
        }
        return learning
    }

    /// Whether what is known is old enough to be tried anew; doubts it then.
    mutating func expire(now: Int64) -> Bool {
        guard let since, now - since >= RefusedItems.validity else { return false }
        doubted.merge(items) { _, new in new }
        items = [:]
        self.since = now
        return true
    }
}
