/// How long a device takes from the request's last byte to its answer's first, learned from its answers.
///
/// The median of a few, so that one slow answer changes nothing.
struct Turnaround {
    /// Answers that make a median.
    private static let sample = 15
    /// Nanoseconds assumed before anything is known.
    static let assumed: Int64 = 5_000_000

    /// In nanoseconds.
    private(set) var value = Turnaround.assumed
    private var latest: [Int64] = []

    /// What was learned before; without it what is assumed of any device.
    init(_ value: Int64 = Turnaround.assumed) { self.value = value }

    /// Records how long one answer took beyond its time on the wire; whether the value is another one since.
    ///
    /// Small differences are none, so that plans do not change to and fro.
    mutating func record(_ nanoseconds: Int64) -> Bool {
        latest.append(max(0, nanoseconds))
        guard latest.count >= Turnaround.sample else { return false }
        let median = latest.sorted()[Turnaround.sample / 2]
        latest.removeAll(keepingCapacity: true)
        guard abs(median - value) > max(value / 4, 1_000_000) else { return false }
        value = median
        return true
    }
}
