import Conformity
import Metering

/// Where an objective's judge stands between two windows of its demand.
package struct JudgeStanding {
    package var judge: ObjectiveJudge
    /// The verdict stored last before; an earlier demand's where its own demand has none yet.
    package var last: JudgedWindow?
    /// What its own demand said last of a window that could be judged.
    package var lastVerdict: Verdict?
    /// Windows that end after this come next.
    package var begin: Instant

    /// A standing.
    package init(judge: ObjectiveJudge, last: JudgedWindow? = nil, lastVerdict: Verdict? = nil, begin: Instant) {
        self.judge = judge
        self.last = last
        self.lastVerdict = lastVerdict
        self.begin = begin
    }
}
