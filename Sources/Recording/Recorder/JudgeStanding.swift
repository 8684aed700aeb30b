import Conformity
import Metering

/// Where an objective's judge stands between two windows of its demand.
struct JudgeStanding {
    var judge: ObjectiveJudge
    /// The verdict stored last before; an earlier demand's where its own demand has none yet.
    var last: JudgedWindow?
    /// What its own demand said last of a window that could be judged.
    var lastVerdict: Verdict?
    /// Windows that end after this come next.
    var begin: Instant
}
