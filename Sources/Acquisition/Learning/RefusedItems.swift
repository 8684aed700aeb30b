import Modbus

/// What a device was found not to give: with an exception, with silence, by hanging up, or with an answer of another length.
///
/// Believed when that happened to it alone in three slots in which the device gave something else, tried again after a
/// minute and then ever more rarely, and with everything else after a day.
struct RefusedItems {
    /// Nanoseconds after which everything is tried anew.
    static let validity: Int64 = 86_400_000_000_000
    /// Slots in which an item must be refused before that is believed: single wrong answers happen.
    static let patience = 3
    /// Nanoseconds after which a refused item is tried again for the first time.
    static let firstRetry: Int64 = 60_000_000_000
    /// Nanoseconds without any value after which a device is said to refuse everything.
    static let hold: Int64 = 10_000_000_000

    /// Items by index, with what comes in place of an answer.
    private(set) var items: [Int: ModbusFailure] = [:]
    /// Items that were refused lately, and in how many slots; they are asked for alone.
    private(set) var suspected: [Int: Int] = [:]
    /// Items that were refused the day before, until they are read or refused again.
    private(set) var doubted: [Int: ModbusFailure] = [:]
    /// When the device was last tried as if nothing were known; nil where nothing is.
    private(set) var since: Int64?
    /// The exception with which it refused everything, once that was announced; for the rest of the day.
    private(set) var refusesAll: UInt8?
    private var retries: [Int: (next: Int64, wait: Int64)] = [:]
    private var found: [Int: ModbusFailure] = [:]
    private var emptySlots = 0
    private var emptySince: Int64 = 0
    private var learnedOfPlan = false

    /// Nothing is refused.
    init() {}

    /// What was known before, since that moment.
    init(items: [Int: ModbusFailure], since: Int64, refusesAll: UInt8?, now: Int64) {
        self.items = items
        self.since = since
        self.refusesAll = refusesAll
        for item in items.keys { retries[item] = (now + RefusedItems.firstRetry, RefusedItems.firstRetry) }
    }

    /// Whether a slot in which something was read, and no refused item tried again, ends without anything to think over.
    var isSettled: Bool {
        found.isEmpty && suspected.isEmpty && doubted.isEmpty && !learnedOfPlan && emptySlots == 0
    }

    /// Records that an item was refused alone in this slot; one that is certain is believed at once.
    mutating func isolate(_ item: Int, _ failure: ModbusFailure, isCertain: Bool = false) {
        found[item] = failure
        if isCertain { suspected[item] = RefusedItems.patience }
    }

    /// Records that a gap, a seam or a limit was learned, which is tried anew with the rest.
    mutating func learnedPlan() { learnedOfPlan = true }

    /// The refused item that is to be tried again now.
    mutating func retry(now: Int64) -> Int? {
        guard !retries.isEmpty, let due = retries.min(by: { ($0.value.next, $0.key) < ($1.value.next, $1.key) }),
            due.value.next <= now
        else { return nil }
        let wait = min(2 * due.value.wait, RefusedItems.validity)
        retries[due.key] = (now + wait, wait)
        return due.key
    }

    /// Ends a slot. What was isolated counts only where the device answered for something else.
    mutating func endSlot(read: [Bool], exception: UInt8?, now: Int64) -> Learning {
        defer {
            found = [:]
            learnedOfPlan = false
        }
        var learning = Learning()
        guard read.contains(true) else {
            if let exception { empty(exception, now, &learning) }
            return learning
        }
        emptySlots = 0
        for item in suspected.keys where read[item] {
            suspected[item] = nil
            learning.changesPlan = true
        }
        let known = Set(doubted.keys).union(items.keys)
        for item in known.sorted() where read[item] {
            doubted[item] = nil
            items[item] = nil
            retries[item] = nil
            learning.accepted.append(item)
            learning.isNews = true
        }
        for (item, failure) in found.sorted(by: { $0.key < $1.key }) where items[item] == nil {
            let slots = (suspected[item] ?? 0) + 1
            suspected[item] = slots
            learning.changesPlan = true
            let wasKnown = doubted.removeValue(forKey: item) != nil
            guard wasKnown || slots >= RefusedItems.patience else { continue }
            suspected[item] = nil
            items[item] = failure
            retries[item] = (now + RefusedItems.firstRetry, RefusedItems.firstRetry)
            learning.isNews = true
            if !wasKnown { learning.refused[item] = failure }
        }
        if learnedOfPlan { learning.isNews = true }
        if learning.isNews { since = since ?? now }
        return learning
    }

    private mutating func empty(_ exception: UInt8, _ now: Int64, _ learning: inout Learning) {
        if emptySlots == 0 { emptySince = now }
        emptySlots += 1
        guard emptySlots >= RefusedItems.patience, now - emptySince >= RefusedItems.hold, refusesAll == nil else {
            return
        }
        refusesAll = exception
        since = since ?? now
        learning.refusesAll = exception
        learning.isNews = true
    }

    /// Whether what is known is old enough to be tried anew; doubts it then.
    mutating func expire(now: Int64) -> Bool {
        guard let since, now - since >= RefusedItems.validity else { return false }
        doubted.merge(items) { _, new in new }
        items = [:]
        retries = [:]
        suspected = [:]
        refusesAll = nil
        self.since = now
        return true
    }
}
