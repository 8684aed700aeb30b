import Metering

/// One step in the life of a nonconformity: who, when, and what the step brings. None is ever deleted.
///
/// Its JSON (`Codable`) is what the store keeps: fields that a step does not have are left out.
package struct LifecycleStep: Sendable, Hashable, Codable {
    /// What was done.
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// A person found it, and no objective: the first step of such a nonconformity.
        case raise
        /// Seen, with the immediate action or why there is none.
        case acknowledge = "ack"
        /// The damage was limited, at any time: it changes no state.
        case contain
        /// It ended, of one that a person raised: no measurement says so.
        case clear
        case cause
        /// A similar case was looked at, and it is said what was found.
        case extent
        /// An action is planned, or it is said why none is.
        case action
        /// Another person or day for a planned action.
        case amend
        /// An action was done.
        case done
        /// The effect was verified.
        case verify
        case close
        case reject
        case comment
        /// Reminders are silent for a reason until an instant.
        case hold
        /// Reminders come again before that instant.
        case resume
        /// By itself: the criterion failed, or the objective broke again while verifying. Or a person says that it did not hold.
        case reopen = "reopened"
        /// By itself: the third of its kind within a year.
        case systemic

        /// The steps that people take by their own word.
        package static var byPeople: [Kind] { allCases.filter { $0 != .systemic && $0 != .raise } }

        /// The word by which people take it.
        package var word: String { self == .reopen ? "reopen" : rawValue }

        /// The step of a word, as people write it; nil where there is none that they may take.
        package static func byPeople(_ word: String) -> Kind? {
            if word == "reopen" { return .reopen }
            return byPeople.first { $0.rawValue == word }
        }
    }

    /// Where a cause lies.
    package enum Category: String, Sendable, Hashable, Codable, CaseIterable {
        case equipment, process, procedure, people, material, measurement, external
    }

    package var kind: Kind
    /// The system user; `emsd` for steps that happen by themselves.
    package var by: String
    /// The account that it was done with, where that is another one (`root` through sudo).
    package var account: String?
    /// Milliseconds since 1970.
    package var at: Int64
    /// What was said.
    package var text: String
    /// Causes only.
    package var category: Category?
    /// Causes: by what authorities' forms count it; nil where nobody said.
    package var code: CauseCode?
    /// The number of the action, from 1: given by the lifecycle for ``Kind/action``, demanded for ``Kind/done``; nil for "no action".
    package var action: Int?
    /// Actions: who does it.
    package var owner: String?
    /// Actions: the day by which it is done, `2026-12-01`.
    package var due: String?
    /// Actions: `<indicator> <= <limit> for <n> windows`.
    package var effectiveWhen: String?
    /// Evidence files by their SHA-256 in lower-case hex.
    package var evidence: [String]?
    /// The names of those files, in the same order.
    package var files: [String]?
    /// Containments: when it took effect, milliseconds since 1970; holds: until when.
    package var instant: Int64?
    /// Actions: the control that it changes (a procedure, a design, an interlock), and not only a repair.
    package var control: String?
    /// Actions: the point whose mean says that operation is comparable with that of the onset.
    package var comparable: String?
    /// Actions: the least time of comparable operation, in milliseconds.
    package var operating: Int64?
    /// Causes: what else is like it, to be looked at.
    package var similar: [SimilarCase]?
    /// Looks at similar cases: which, from 1.
    package var item: Int?
    /// Looks at similar cases: whether the cause was found there too.
    package var isAffected: Bool?
    /// Actions: it was decided that none is needed; the text says why.
    package var isNoAction: Bool?
    /// Rejections: the data were at fault, so that a data nonconformity is opened instead.
    package var isDataFault: Bool?
    /// The number of another nonconformity: the new episode that reopened this one, the data nonconformity that was opened
    /// instead of this one, or the one instead of which this one was opened.
    package var other: String?

    /// A step.
    package init(
        _ kind: Kind, by: String, at: Instant, text: String, category: Category? = nil, action: Int? = nil,
        owner: String? = nil, due: String? = nil, effectiveWhen: String? = nil, evidence: [String]? = nil,
        isNoAction: Bool? = nil, isDataFault: Bool? = nil, other: String? = nil
    ) {
        self.kind = kind
        self.by = by
        self.at = at.milliseconds
        self.text = text
        self.category = category
        self.action = action
        self.owner = owner
        self.due = due
        self.effectiveWhen = effectiveWhen
        self.evidence = evidence
        self.isNoAction = isNoAction
        self.isDataFault = isDataFault
        self.other = other
    }

    /// When the step was taken.
    package var time: Instant { Instant(milliseconds: at) }
}

extension LifecycleStep {
    /// When it takes effect: what a containment or hold says, otherwise when it was taken.
    package var takesEffect: Instant { instant.map(Instant.init(milliseconds:)) ?? time }
}
