/// Where people stand with a nonconformity. The condition (ongoing, cleared) is the telemetry's and no part of this.
package enum NonconformityState: String, Sendable, Hashable, Codable, CaseIterable {
    /// Raised by the daemon with its evidence frozen; nobody has answered yet.
    case open
    /// Somebody has seen it and said what was done at once, or why nothing.
    case acknowledged
    /// The cause is known and has a category.
    case analysed
    /// Actions with owner and date are planned, or it is said why none is.
    case planned
    /// All actions are done: passed through on the way to ``verifying``.
    case done
    /// The daemon watches whether the effect stays, and somebody verifies it.
    case verifying
    /// Verified, and closed by another person than who did the action.
    case closed
    /// The criterion failed or the objective broke again while verifying: a cause or an action is due once more.
    case reopened
    /// It was none, and it is said why.
    case rejected

    /// Whether nothing but comments can follow.
    package var isFinal: Bool { self == .closed || self == .rejected }

    /// One sentence for people.
    package var sentence: String {
        switch self {
        case .open: "raised; nobody has answered yet"
        case .acknowledged: "seen; the cause is not known yet"
        case .analysed: "the cause is known; no action is planned yet"
        case .planned: "actions are planned and not all done"
        case .done: "all actions are done"
        case .verifying: "all actions are done; the effect is being verified"
        case .closed: "verified and closed"
        case .reopened: "the action did not hold; a cause or an action is due once more"
        case .rejected: "rejected as none"
        }
    }

    /// What to do next, as commands for that nonconformity; nil where nothing is due.
    package func nextStep(_ id: String) -> String? {
        switch self {
        case .open: "emsctl nc ack \(id) --text \"what was done at once, or why nothing\""
        case .acknowledged: "emsctl nc cause \(id) --category equipment --text \"why it happened\""
        case .analysed: "emsctl nc action \(id) --text \"what\" --owner who --due +14d"
        case .planned: "emsctl nc done \(id) --action 1 --text \"what was done\""
        case .done, .verifying: "emsctl nc verify \(id) --text \"how the effect shows\", then emsctl nc close \(id)"
        case .reopened: "emsctl nc cause \(id) … or emsctl nc action \(id) …: the last action did not hold"
        case .closed, .rejected: nil
        }
    }
}
