import Metering
import PlantConfiguration
import Storage

/// The bytes that a target may take in a day (UTC), which go on over a restart.
struct DayBudget {
    private let most: Int64
    private let key: String
    private var day: Int64 = 0
    private var bytes: Int64 = 0
    private var isKept = true
    private var isKnown = false

    /// A budget; nil: the target may take as many as there are.
    init?(of target: ForwardTarget) {
        guard let most = target.bytesADay else { return nil }
        self.most = most
        key = "forward.spent.\(target.name)"
    }

    /// Throws where the day's bytes are spent.
    mutating func mind(now: Instant, _ store: PlantStore) throws {
        if !isKnown {
            let known = try store.read { try $0.note(key) }?.split(separator: " ").compactMap { Int64($0) } ?? []
            if known.count == 2 { (day, bytes) = (known[0], known[1]) }
            isKnown = true
        }
        let today = now.milliseconds / 86_400_000
        if day != today { (day, bytes) = (today, 0) }
        try keep(store)
        guard bytes < most else {
            throw ForwardFailure.later(
                "the day's \(most) bytes are spent", after: (today + 1) * 86_400_000 - now.milliseconds)
        }
    }

    /// Counts what went over the line, whether it was taken or not.
    mutating func count(_ more: Int) {
        guard more > 0 else { return }
        bytes += Int64(more)
        isKept = false
    }

    /// Puts on record what was counted.
    mutating func keep(_ store: PlantStore) throws {
        if isKept { return }
        try store.write { try $0.setNote(key, "\(day) \(bytes)") }
        isKept = true
    }
}
