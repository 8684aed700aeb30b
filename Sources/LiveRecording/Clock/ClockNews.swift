import Conformity
import Foundation
import Metering
import RecordKeeping
import Recording

/// What the intake has noticed about the wall clock, for the journal and whoever looks after the machine.
package enum ClockNews: Sendable, Hashable {
    /// It was set by more than 2 s, by so many milliseconds.
    case stepped(Int64)
    /// It is not believed.
    case doubted(ClockBelief.State, wall: Instant)
    /// It is believed again.
    case believed(ClockBelief.Ground, wall: Instant)
    /// It stands before what is on record: what is read is left out.
    case behind(wall: Instant, record: Instant)
    /// It stands after what is on record again; so many values were left out.
    case caughtUp(leftOut: Int)

    /// The journal's line.
    var entry: JournalEntry {
        switch self {
        case .stepped(let milliseconds): .clockStep(milliseconds)
        case .doubted, .behind: JournalEntry("clock.doubted", at: .distantPast, details)
        case .believed, .caughtUp: JournalEntry("clock.believed", at: .distantPast, details)
        }
    }

    /// The alert.
    var alert: RecordedAlert {
        switch self {
        case .stepped(let milliseconds): .clockStep(milliseconds)
        case .doubted, .behind: RecordedAlert(.clockDoubted, .major, details: details, message: sentence)
        case .believed, .caughtUp: RecordedAlert(.clockBelieved, .info, details: details, message: sentence)
        }
    }

    private var details: [CanonicalJSON.Member] {
        switch self {
        case .stepped(let milliseconds): [.init("milliseconds", .integer(Int(milliseconds)))]
        case .doubted(let state, let wall):
            [.init("reason", .text(state.word)), .init("clock", .text(wall.text))]
        case .believed(let ground, let wall):
            [.init("reason", .text(ground.rawValue)), .init("clock", .text(wall.text))]
        case .behind(let wall, let record):
            [
                .init("reason", .text("set-back")), .init("clock", .text(wall.text)),
                .init("record", .text(record.text)),
            ]
        case .caughtUp(let leftOut): [.init("reason", .text("right")), .init("left_out", .integer(leftOut))]
        }
    }

    /// What is said to people.
    var sentence: String {
        switch self {
        case .stepped(let milliseconds): RecordedAlert.clockStep(milliseconds).message
        case .doubted(let state, let wall): state.sentence(wall)
        case .believed(.synchronised, let wall):
            "The clock is believed again: the system says that it is synchronised, at \(wall.text)"
        case .believed(.stood, let wall):
            "The clock is believed: it has stood at \(wall.text) for ten minutes; check the time source of this machine"
        case .believed(.right, let wall): "The clock is believed again: it stands at \(wall.text)"
        case .behind(let wall, let record):
            "The clock was set back to \(wall.text), before what is on record until \(record.text): what is read is "
                + "left out until it stands later; check the time source of this machine"
        case .caughtUp(let leftOut):
            "The clock stands after what is on record again; \(leftOut) values were left out meanwhile"
        }
    }
}

extension ClockBelief.State {
    fileprivate var word: String {
        switch self {
        case .believed: "believed"
        case .beforeBuild: "before-build"
        case .beforeRecord: "before-record"
        case .longAfterRecord: "long-after-record"
        case .leapt: "leapt"
        }
    }

    /// What is said of a clock that stands there.
    func sentence(_ wall: Instant) -> String {
        let stands = "The clock stands at \(wall.text)"
        switch self {
        case .believed: return stands
        case .beforeBuild:
            return stands + ", before this program was made: nothing is recorded until it is set"
        case .beforeRecord:
            return stands + ", before the newest reading on record: nothing is recorded until it stands later; set it"
        case .longAfterRecord:
            return stands + ", more than 30 days after the newest reading: nothing is recorded until the system says "
                + "that it is synchronised, or it has stood so for ten minutes"
        case .leapt:
            return stands
                + ", set forward by more than an hour: time goes on from before until the system says that it "
                + "is synchronised, or it has stood so for ten minutes; check the time source of this machine"
        }
    }
}

extension JournalEntry {
    /// The wall clock was set forward (or back) by that many milliseconds.
    fileprivate static func clockStep(_ milliseconds: Int64) -> JournalEntry {
        JournalEntry("clock.step", at: .distantPast, [.init("milliseconds", .integer(Int(milliseconds)))])
    }
}

extension RecordedAlert {
    /// The wall clock was set forward (or back) by that many milliseconds.
    fileprivate static func clockStep(_ milliseconds: Int64) -> RecordedAlert {
        let direction = milliseconds > 0 ? "forward" : "back"
        let whole = Double(abs(milliseconds)) / 1000
        let seconds = CanonicalJSON.text(of: Double(String(format: "%.7g", whole)) ?? whole)
        return RecordedAlert(
            .clockStep, .warning, details: [.init("milliseconds", .integer(Int(milliseconds)))],
            message: "The wall clock was set \(direction) by \(seconds) s: check the time source of this machine")
    }
}
