/// How often a meter that does not answer is asked, so that its neighbours on the link do not suffer.
///
/// One failed poll changes nothing. From the second in a row the meter is asked at its slots as long as its account lasts: how
/// long others have to wait for the link because of its failures is drawn from it, and a tenth of the time that passes is paid in, up
/// to a tenth of a minute. All silent meters of a link share these together. So a short trouble costs a meter nothing beyond
/// itself, and a long one its neighbours at most a tenth of the link; time in which nobody wants it costs nobody anything.
package struct BackOff: Sendable, Hashable {
    /// Of the time that passes, one part in so many is paid in.
    package static let share: Int64 = 10
    /// Nanoseconds of all accounts of a link together, when they are full.
    package static let most: Int64 = 60_000_000_000 / share

    /// Polls failed in a row.
    package private(set) var failures = 0
    /// Nanoseconds of the link's time that it may still take; nil where nothing was drawn yet.
    private var balance: Int64?
    private var counted: Int64 = 0

    /// A meter that answers.
    package init() {}

    /// Whether the meter is only probed.
    package var isProbing: Bool { failures >= 2 }

    /// Whether the meter may be asked at `now`, where so many meters of the link are silent, itself included.
    package mutating func allows(_ now: Int64, among silent: Int) -> Bool {
        guard isProbing else { return true }
        payIn(now, among: silent)
        return balance.map { $0 > 0 } ?? true
    }

    /// Records a failed poll for which others waited `cost` nanoseconds until `now`.
    package mutating func failed(now: Int64, cost: Int64, among silent: Int) {
        failures += 1
        charge(cost, now: now, among: silent)
    }

    /// Draws from the account what requests without an answer took, also of a meter that answers others.
    package mutating func charge(_ cost: Int64, now: Int64, among silent: Int) {
        guard cost > 0 else { return }
        payIn(now, among: silent)
        balance = (balance ?? BackOff.most / Int64(max(1, silent))) - cost
    }

    /// Records an answer.
    package mutating func answered() { failures = 0 }

    private mutating func payIn(_ now: Int64, among silent: Int) {
        let silent = Int64(max(1, silent))
        if let known = balance {
            balance = min(known + (now - counted) / (BackOff.share * silent), BackOff.most / silent)
        }
        counted = now
    }
}
