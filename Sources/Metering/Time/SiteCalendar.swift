import Foundation

/// The local calendar of the site: its zone's changes of offset, computed once, and integer arithmetic after that.
///
/// Local time is written here as milliseconds since 1970-01-01T00:00 on the local clock. Changes from 1970 to 2100 are known.
///
/// ```
/// let calendar = SiteCalendar(identifier: "Europe/Stockholm")
/// let today = calendar?.date(Instant(milliseconds: 1_790_000_000_000))
/// ```
package struct SiteCalendar: Sendable {
    /// The IANA name of the zone, e.g. `Europe/Stockholm`.
    package let identifier: String
    /// The instants from which an offset holds; the first is before every reading.
    private let starts: [Int64]
    /// Milliseconds to add to UTC for the local clock, from the start of the same index.
    private let offsets: [Int64]

    /// The calendar of an IANA zone; nil where this machine does not know the name.
    package init?(identifier: String) {
        guard let zone = TimeZone(identifier: identifier) else { return nil }
        self.identifier = identifier
        func offset(_ second: Int64) -> Int64 {
            Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(second))))
        }
        var starts = [Int64.min / 2]
        var offsets = [offset(0) * 1000]
        // Sampling every five days and bisecting finds every change there has been, whatever the zone's rules look like.
        let stride: Int64 = 5 * 86_400
        var low: Int64 = 0
        var known = offset(0)
        while low < 4_102_444_800 {
            let sample = offset(low + stride)
            if sample != known {
                var before = low
                var after = low + stride
                while after - before > 1 {
                    let middle = (before + after) / 2
                    if offset(middle) == known { before = middle } else { after = middle }
                }
                starts.append(after * 1000)
                known = offset(after)
                offsets.append(known * 1000)
                low = after
            } else {
                low += stride
            }
        }
        self.starts = starts
        self.offsets = offsets
    }

    /// The calendar of a zone as ``rules`` of the same program wrote it down; nil for any other text.
    package init?(identifier: String, rules: String) {
        var starts: [Int64] = []
        var offsets: [Int64] = []
        for line in rules.split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let offset = Int64(parts[1]), abs(offset) <= 30 * 3600 else { return nil }
            if starts.isEmpty, parts[0] == "-" {
                starts.append(Int64.min / 2)
            } else {
                guard let start = Int64(parts[0]), let last = starts.last, abs(start) < Int64.max / 4000,
                    start * 1000 > last
                else { return nil }
                starts.append(start * 1000)
            }
            offsets.append(offset * 1000)
        }
        guard !starts.isEmpty else { return nil }
        self.identifier = identifier
        self.starts = starts
        self.offsets = offsets
    }

    /// The zone's changes as a text: on each line the second since 1970 from which an offset holds (`-`: from the
    /// beginning) and the offset in seconds. With it everything can be computed again on a machine with other zone data.
    package var rules: String {
        zip(starts, offsets).map { start, offset in
            (start == starts[0] ? "-" : "\(start / 1000)") + " \(offset / 1000)\n"
        }.joined()
    }

    private func segment(at instant: Instant) -> Int {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= instant.milliseconds { low = middle } else { high = middle }
        }
        return low
    }

    /// Milliseconds to add to UTC for the local clock at that instant.
    package func offset(at instant: Instant) -> Int64 { offsets[segment(at: instant)] }

    /// What the local clock shows, in milliseconds since 1970-01-01T00:00 local.
    package func local(_ instant: Instant) -> Int64 { instant.milliseconds + offset(at: instant) }

    /// The local day that holds an instant: it has begun, and the next one has not (Rules 7).
    ///
    /// Where the clock goes back over midnight (Cairo, Beirut), the day that has begun goes on while the clock shows the
    /// last hour of the day before for the second time.
    package func date(_ instant: Instant) -> CivilDate {
        var date = CivilDate(dayNumber: Int(floorDivide(local(instant), 86_400_000)))
        while true {
            let next = CivilDate(dayNumber: date.dayNumber + 1)
            let begin = start(of: next)
            if begin > instant || begin == .distantFuture { return date }
            date = next
        }
    }

    /// The first instant at which the local clock shows that time; the instant of the change where it is skipped (Rules 7).
    package func firstInstant(local: Int64) -> Instant {
        // No zone is farther than 26 h from UTC, so the search may begin at the segment that holds a day and a half before.
        var index = segment(at: Instant(milliseconds: local - 129_600_000))
        while true {
            if local < starts[index] + offsets[index] { return Instant(milliseconds: starts[index]) }
            let end = index + 1 < starts.count ? starts[index + 1] : Int64.max / 2
            if local < end + offsets[index] { return Instant(milliseconds: local - offsets[index]) }
            index += 1
        }
    }

    /// The first instant of a local day.
    package func start(of date: CivilDate) -> Instant { firstInstant(local: Int64(date.dayNumber) * 86_400_000) }

    /// The changes of offset from 2000 on: what a window that does not divide one of them is refused for.
    package var changes: Set<Int64> {
        var sizes: Set<Int64> = []
        for index in starts.indices.dropFirst() where starts[index] >= 946_684_800_000 {
            sizes.insert(abs(offsets[index] - offsets[index - 1]))
        }
        return sizes
    }

    /// The greatest change of offset that is known, in milliseconds.
    var greatestChange: Int64 { zip(offsets, offsets.dropFirst()).map { abs($1 - $0) }.max() ?? 0 }

    /// The changes of offset whose instant lies in `(after, upTo]`, with the offsets before and after.
    func changes(after: Instant, upTo: Instant) -> [(instant: Instant, before: Int64, after: Int64)] {
        var found: [(instant: Instant, before: Int64, after: Int64)] = []
        var index = segment(at: after) + 1
        while index < starts.count, starts[index] <= upTo.milliseconds {
            found.append((Instant(milliseconds: starts[index]), offsets[index - 1], offsets[index]))
            index += 1
        }
        return found
    }

    /// The instant a calendar length before, at the same local time; `ms s m h` are elapsed (Rules 7).
    package func instant(_ length: CalendarLength, before instant: Instant) -> Instant {
        moved(instant, by: length, -1)
    }

    /// The instant a calendar length after, at the same local time; `ms s m h` are elapsed.
    package func instant(_ length: CalendarLength, after instant: Instant) -> Instant {
        moved(instant, by: length, 1)
    }

    private func moved(_ instant: Instant, by length: CalendarLength, _ sign: Int) -> Instant {
        if let elapsed = length.elapsedMilliseconds { return instant + Int64(sign) * elapsed }
        let local = local(instant)
        let day = floorDivide(local, 86_400_000)
        let date = CivilDate(dayNumber: Int(day))
        let time = local - day * 86_400_000
        let other =
            switch length.step {
            case .weeks: CivilDate(dayNumber: date.dayNumber + sign * 7 * length.count)
            case .months: date.adding(months: sign * length.count)
            case .quarters: date.adding(months: sign * 3 * length.count)
            case .years: date.adding(months: sign * 12 * length.count)
            default: CivilDate(dayNumber: date.dayNumber + sign * length.count)
            }
        return firstInstant(local: Int64(other.dayNumber) * 86_400_000 + time)
    }

    /// The instant as RFC 3339 in site local time with its offset, for people.
    package func text(_ instant: Instant) -> String { Instant.text(of: instant, offset: offset(at: instant)) }
}

/// The quotient rounded towards minus infinity.
func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
    let quotient = a / b
    return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient
}
