import Indicators
import Metering

extension ObjectiveJudge {
    /// What the judge must know to go on after the window judged last; equal memories judge alike for ever.
    ///
    /// Empty while nothing has happened; otherwise a version, flags, and the row, episode and sums that are under way. Setting
    /// bytes that this version did not write is the same as setting none; ``restore(_:)`` says so.
    package var memory: [UInt8] {
        get {
            let keepsAccount = account.map { !$0.isEmpty } ?? false
            if row.isQuiet && !keepsAccount && past.isEmpty { return [] }
            var writer = MemoryWriter()
            var parts: MemoryParts = []
            if row.broken > 0 { parts.insert(.row) }
            if row.raisedAt != nil { parts.insert(.episode) }
            if row.isLowerLimit { parts.insert(.lowerLimit) }
            if keepsAccount { parts.insert(.account) }
            if account?.isForeign == true { parts.insert(.foreign) }
            if row.isPeakFinal { parts.insert(.peakFinal) }
            let evaluable = keepsAccount ? account?.evaluable ?? 0 : 0
            if evaluable > 0 { parts.insert(.evaluable) }
            let sums = keepsAccount ? account?.parts ?? [] : []
            if !sums.isEmpty || !past.isEmpty { parts.insert(.more) }
            writer.put(byte: memoryVersion)
            writer.put(byte: parts.rawValue)
            if !row.isQuiet {
                writer.put(row.onset)
                writer.put(row.peak)
                writer.put(row.limit)
                if let raisedAt = row.raisedAt {
                    writer.put(raisedAt)
                    writer.put(count: row.cleared)
                } else {
                    writer.put(count: row.broken)
                }
            }
            if keepsAccount, let account {
                writer.put(account.period.start)
                writer.put(count: account.count)
                writer.put(account.sum.total)
                writer.put(account.sum.lost)
                if evaluable > 0 { writer.put(count: evaluable) }
            }
            if parts.contains(.more) {
                for numbers in [sums, past] {
                    writer.put(count: numbers.count)
                    for number in numbers { writer.put(number) }
                }
            }
            return writer.bytes
        }
        set { _ = restore(newValue) }
    }

    /// Sets the memory; false, and the judge is as before its first window, where the bytes are not a memory of this version.
    package mutating func restore(_ memory: [UInt8]) -> Bool {
        row = EpisodeRow()
        account?.clear()
        past = []
        if memory.isEmpty { return true }
        var reader = MemoryReader(memory)
        let parts: MemoryParts
        var row = EpisodeRow()
        guard reader.byte() == memoryVersion, let flags = reader.byte() else { return false }
        parts = MemoryParts(rawValue: flags)
        if !parts.isDisjoint(with: [.row, .episode]) {
            guard let onset = reader.instant(), let peak = reader.number(), let limit = reader.number() else {
                return false
            }
            row.onset = onset
            row.peak = peak
            row.limit = limit
            row.isLowerLimit = parts.contains(.lowerLimit)
            row.isPeakFinal = parts.contains(.peakFinal)
            if parts.contains(.episode) {
                guard let raisedAt = reader.instant(), let cleared = reader.count() else { return false }
                row.raisedAt = raisedAt
                row.cleared = cleared
            } else {
                guard let broken = reader.count() else { return false }
                row.broken = broken
            }
        }
        if parts.contains(.account) {
            guard let start = reader.instant(), let count = reader.count(), let total = reader.number(),
                let lost = reader.number(), account != nil
            else { return false }
            let kept = CompensatedSum(total: total, lost: lost)
            // What was written before evaluable windows were counted says nothing of them; where nothing was counted there
            // were none.
            let evaluable = parts.contains(.evaluable) ? reader.count() : count == 0 ? 0 : nil
            guard evaluable != nil || !parts.contains(.evaluable) else { return false }
            account?.restore(periodStart: start, sum: kept, count: count, evaluable: evaluable)
            account?.isForeign = parts.contains(.foreign)
        }
        var remembered: [Double] = []
        if parts.contains(.more) {
            guard let sums = reader.numbers(), let past = reader.numbers() else { return false }
            account?.restore(parts: sums)
            remembered = past
        }
        guard reader.isAtEnd else {
            account?.clear()
            return false
        }
        (self.row, past) = (row, remembered)
        return true
    }
}

private let memoryVersion: UInt8 = 1

private struct MemoryParts: OptionSet {
    var rawValue: UInt8
    /// A row of windows not met, nothing raised yet.
    static let row = MemoryParts(rawValue: 1)
    /// An episode that lasts.
    static let episode = MemoryParts(rawValue: 2)
    /// The peak lies below its limit.
    static let lowerLimit = MemoryParts(rawValue: 4)
    /// What has been added up in the period.
    static let account = MemoryParts(rawValue: 8)
    /// The account's period holds what cannot be added up.
    static let foreign = MemoryParts(rawValue: 16)
    /// The peak is of another unit than the windows that follow.
    static let peakFinal = MemoryParts(rawValue: 32)
    /// How many windows of the account's period were evaluable.
    static let evaluable = MemoryParts(rawValue: 64)
    /// Further sums of the account, and what the demand remembers of windows before.
    static let more = MemoryParts(rawValue: 128)
}
