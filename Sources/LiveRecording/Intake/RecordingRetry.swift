/// When a commit that failed is tried again: after a second, then after twice as long each time, up to half a minute, or
/// as soon as the disk has more room than it had.
///
/// Each try computes again what the readings that wait mean, which is not worth it while nothing has changed.
struct RecordingRetry {
    private static let longest: Int64 = 30_000
    /// Bytes more that are worth a try.
    private static let worthwhile: Int64 = 256 << 10

    /// What failed the last time; nil: nothing.
    private(set) var fault: (any Error)?
    private var pause: Int64 = 0
    private var next: Int64 = 0
    private var room: Int64?

    /// It failed, with so many bytes free on the disk.
    mutating func failed(_ fault: any Error, at steady: Int64, free: Int64?) {
        self.fault = fault
        pause = min(RecordingRetry.longest, max(1000, pause * 2))
        next = steady + pause
        room = free
    }

    /// Whether it is time for a try; always where nothing has failed.
    func isDue(at steady: Int64, free: () -> Int64?) -> Bool {
        if fault == nil || steady >= next { return true }
        // Not even the journal's line goes where there is hardly a page.
        guard let room, let free = free() else { return false }
        return free >= room + RecordingRetry.worthwhile
    }
}
