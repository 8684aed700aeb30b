/// When what is held has to be looked after.
struct RecordingDue {
    /// Whether a second has passed since the last time it had.
    private(set) var isSecondOver = false
    /// Whether something has been held for long.
    private(set) var isPatienceOver = false
    private var lastSecond: Int64 = 0
    private var oldest: Int64?
    private var oldestWindow: Int64?

    mutating func look(at steady: Int64, held: Int, holdsWindows: Bool) {
        isSecondOver = steady - lastSecond >= 1000
        if isSecondOver { lastSecond = steady }
        if held == 0 { oldest = nil } else if oldest == nil { oldest = steady }
        if !holdsWindows { oldestWindow = nil } else if oldestWindow == nil { oldestWindow = steady }
        let isLarge = held >= RecordingThread.many
        let windowPatience = isLarge ? RecordingThread.windowPatienceOfMany : RecordingThread.windowPatience
        isPatienceOver =
            oldest.map { steady - $0 >= RecordingThread.patience } ?? false
            || oldestWindow.map { steady - $0 >= windowPatience } ?? false
    }

    mutating func committed() { (oldest, oldestWindow) = (nil, nil) }
}
