import Metering

/// Whether the wall clock may be believed, and what the time is where it may not (Rules 2).
///
/// A gateway without a battery boots in 1970, a wrong reply of a time server or a mistyped date sets it years ahead. What
/// was recorded at such a time could never be put right. Pure: whoever looks says what both clocks show.
package struct ClockBelief: Sendable, Hashable {
    /// How the wall clock is taken.
    package enum State: Sendable, Hashable {
        /// The wall clock is taken as it stands.
        case believed
        /// At a start it stands before the day on which this program was made: nothing is recorded until it stands
        /// later, or the system says that it is synchronised.
        case beforeBuild
        /// At a start it stands before the newest reading: nothing is recorded until it stands later, or the system says
        /// that it is synchronised.
        case beforeRecord
        /// At a start it stands more than 30 days after the newest reading: nothing is recorded until the system says
        /// that it is synchronised, or it has stood so for ten minutes since that moment.
        case longAfterRecord(since: Int64)
        /// It was set forward by more than an hour: time goes on from what was believed, by the monotonic clock, until the
        /// system says that it is synchronised, it has stood so for ten minutes since that moment, or it is set back.
        case leapt(since: Int64)
    }

    /// Why a doubted clock is believed again.
    package enum Ground: String, Sendable, Hashable {
        /// The system says that it is synchronised.
        case synchronised
        /// It has stood so for ten minutes.
        case stood
        /// It shows a time again that can be right.
        case right
    }

    /// What a look found.
    package struct Look: Sendable, Hashable {
        /// The time; nil where none is known.
        package var time: Instant?
        /// Milliseconds by which the wall clock was set since the look before, where that is more than 2 s.
        package var step: Int64?
        /// Whether it is doubted from this look on.
        package var isDoubtNew = false
        /// Why it is believed from this look on.
        package var ground: Ground?
    }

    static let patience: Int64 = 600_000
    static let longestLeap: Int64 = 3_600_000
    static let longestAbsence: Int64 = 30 * 86_400_000
    static let smallestStep: Int64 = 2000

    /// How the clock is taken since the last look.
    package private(set) var state = State.believed
    /// By how much the wall clock was ahead of the monotonic one at the last look.
    private var offset: Int64
    /// The same when it was last believed.
    private var believed: Int64
    /// The most that it was while it was believed: set back and then right again, it has not leapt.
    private var highest: Int64
    private let built: Instant
    private let newest: Instant?

    /// The belief of a start: the program was made at `built`, and the newest reading on record is of `newest`.
    package init(wall: Instant, steady: Int64, built: Instant, newest: Instant?, isSynchronised: Bool) {
        self.built = built
        self.newest = newest
        offset = wall.milliseconds - steady
        believed = offset
        highest = offset
        if !isSynchronised, let doubt = doubt(at: wall, steady) { state = doubt }
    }

    /// Whether it is believed.
    package var isBelieved: Bool { state == .believed }

    /// Looks at both clocks; `isSynchronised` is only asked where it matters.
    package mutating func look(wall: Instant, steady: Int64, isSynchronised: () -> Bool) -> Look {
        let offset = wall.milliseconds - steady
        let step = offset - self.offset
        self.offset = offset
        let isStep = abs(step) > ClockBelief.smallestStep
        var look = Look(step: isStep ? step : nil)
        switch state {
        case .believed:
            let isLeap = step > ClockBelief.longestLeap && offset - highest > ClockBelief.longestLeap
            if isLeap, !isSynchronised() {
                state = .leapt(since: steady)
                look.isDoubtNew = true
            }
        case .leapt(let since):
            if offset - believed <= ClockBelief.longestLeap {
                look.ground = .right
            } else {
                look.ground = ground(since: since, steady, isSynchronised)
                if isStep, look.ground != .synchronised { (look.ground, state) = (nil, .leapt(since: steady)) }
            }
        case .beforeBuild, .beforeRecord, .longAfterRecord:
            if isSynchronised() {
                look.ground = .synchronised
            } else {
                let doubt = doubt(at: wall, steady)
                if case .longAfterRecord(let since) = state, case .longAfterRecord = doubt {
                    // A clock that is still being set has not stood.
                    if isStep {
                        state = .longAfterRecord(since: steady)
                    } else {
                        look.ground = ground(since: since, steady, isSynchronised)
                    }
                } else if let doubt {
                    look.isDoubtNew = doubt != state
                    state = doubt
                } else {
                    look.ground = .right
                }
            }
        }
        if look.ground != nil { state = .believed }
        switch state {
        case .believed:
            believed = offset
            highest = look.ground == nil ? max(highest, offset) : offset
            look.time = wall
        case .leapt: look.time = Instant(milliseconds: steady + believed)
        case .beforeBuild, .beforeRecord, .longAfterRecord: look.time = nil
        }
        return look
    }

    private func ground(since: Int64, _ steady: Int64, _ isSynchronised: () -> Bool) -> Ground? {
        if isSynchronised() { return .synchronised }
        return steady - since >= ClockBelief.patience ? .stood : nil
    }

    private func doubt(at wall: Instant, _ steady: Int64) -> State? {
        if wall < built { return .beforeBuild }
        guard let newest else { return nil }
        if wall < newest { return .beforeRecord }
        return wall - newest > ClockBelief.longestAbsence ? .longAfterRecord(since: steady) : nil
    }
}
