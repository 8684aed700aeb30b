import Metering

/// Makes instants of the times of one file. What the site's clock shows twice is told apart by the order of the rows.
struct ReadingTimes {
    /// Why a text is no instant.
    struct Fault: Error { var message: String }

    private struct Last {
        var time: Instant
        /// Whether the row before it was later: a file with the newest first.
        var isDescending: Bool
    }

    /// Times that the clock shows twice: how many, and the first and the last of them as they were taken.
    private struct Doubtful {
        var count = 0
        var first: (line: Int, time: Instant)
        var last: (line: Int, time: Instant)
    }

    private let form: ReadingForm
    private let calendar: SiteCalendar
    private var last: [PointIndex: Last] = [:]
    private var doubtful: Doubtful?

    init(_ form: ReadingForm, _ calendar: SiteCalendar) {
        self.form = form
        self.calendar = calendar
    }

    /// What a text says, as far as it says it without the rows before.
    func meaning(_ bytes: UnsafeRawBufferPointer) throws(Fault) -> TimePattern.Meaning {
        if let pattern = form.timePattern {
            if let meaning = pattern.meaning(bytes) { return meaning }
            throw Fault(message: "is not a time as --time-format says")
        }
        if let instant = Instant(rfc3339: bytes) { return .instant(instant) }
        for pattern in TimePattern.plain {
            guard let meaning = pattern.meaning(bytes) else { continue }
            if form.times != .offset { return meaning }
            throw Fault(
                message:
                    "is not a time such as 2026-03-29T22:00:00Z: it has no offset, and only an import may say what that "
                    + "means (--times utc or local)")
        }
        throw Fault(message: "is not a time such as 2026-03-29T22:00:00Z")
    }

    /// The instant of a row about a point.
    mutating func instant(_ meaning: TimePattern.Meaning, of point: PointIndex, line: Int) throws(Fault) -> Instant {
        let shown: Int64
        switch meaning {
        case .instant(let instant): return instant
        case .shown(let time) where form.times == .local: shown = time
        case .shown(let time): return Instant(milliseconds: time)
        }
        // No zone changes its clock twice within three days.
        let offsets = Set(
            [-129_600_000, 129_600_000].map { calendar.offset(at: Instant(milliseconds: shown + $0)) })
        let times = offsets.map { Instant(milliseconds: shown - $0) }.filter { calendar.local($0) == shown }.sorted()
        guard let earlier = times.first, let later = times.last else {
            throw Fault(message: "is not shown by the site's clock, which is set forward over it")
        }
        let before = last[point]
        let time = earlier == later ? earlier : ReadingTimes.choose(earlier, later, after: before)
        if earlier != later { note(time, line) }
        let isSame = before?.time == time
        last[point] = Last(
            time: time, isDescending: isSame ? before?.isDescending ?? false : before.map { time < $0.time } ?? false)
        return time
    }

    /// The nearer one to the row before, but never that instant again; where both are as near, the way the file goes.
    private static func choose(_ earlier: Instant, _ later: Instant, after before: Last?) -> Instant {
        guard let before else { return earlier }
        if before.time == earlier { return later }
        if before.time == later { return earlier }
        let (toEarlier, toLater) = (abs(before.time - earlier), abs(before.time - later))
        if toEarlier == toLater { return before.isDescending ? earlier : later }
        return toEarlier < toLater ? earlier : later
    }

    private mutating func note(_ time: Instant, _ line: Int) {
        if doubtful == nil { doubtful = Doubtful(first: (line, time), last: (line, time)) }
        doubtful?.count += 1
        doubtful?.last = (line, time)
    }

    /// A sentence about the times that the clock shows twice; nil where there were none.
    var remark: String? {
        guard let doubtful else { return nil }
        return
            "\(doubtful.count) times are shown twice by the site's clock when it is set back, and were taken by the order of "
            + "the rows: that of line \(doubtful.first.line) as \(calendar.text(doubtful.first.time)), that of line "
            + "\(doubtful.last.line) as \(calendar.text(doubtful.last.time))"
    }
}
