import Conformity

/// What somebody says with a step of a nonconformity's life: the body of `POST /v1/nonconformities/ID/<step>`.
package struct StepRequest: Sendable, Hashable, Codable {
    /// What was done, found or planned; or the reason.
    package var text: String
    /// Causes only.
    package var category: LifecycleStep.Category?
    /// Causes: by what authorities' forms count it.
    package var code: CauseCode?
    /// The number of the action that was done.
    package var action: Int?
    /// Actions: who does it.
    package var owner: String?
    /// Actions: by which day, `2026-12-01`.
    package var due: String?
    /// Actions: `<indicator> <= <limit> for <n> windows`.
    package var effectiveWhen: String?
    /// No action is needed; the text says why.
    package var noAction: Bool?
    /// Evidence files by their SHA-256.
    package var evidence: [String]?
    /// The names of those files, in the same order.
    package var files: [String]?
    /// Rejections: the data were at fault.
    package var dataFault: Bool?
    /// Holds: until when, written like `--until`.
    package var until: String?
    /// Containments: since when, written like `--since`; nil: now.
    package var at: String?
    /// Actions: the control that works otherwise from then on.
    package var control: String?
    /// Actions: the point that says which operation is comparable.
    package var comparable: String?
    /// Actions: the least time of comparable operation, such as `20h`.
    package var operating: String?
    /// Looks at similar cases: which, from 1.
    package var item: Int?
    /// Looks at similar cases: whether the cause was found there too.
    package var affected: Bool?

    /// A step with its text.
    package init(
        text: String, category: LifecycleStep.Category? = nil, action: Int? = nil, owner: String? = nil,
        due: String? = nil, effectiveWhen: String? = nil, noAction: Bool? = nil, evidence: [String]? = nil,
        dataFault: Bool? = nil
    ) {
        self.text = text
        self.category = category
        self.action = action
        self.owner = owner
        self.due = due
        self.effectiveWhen = effectiveWhen
        self.noAction = noAction
        self.evidence = evidence
        self.dataFault = dataFault
    }
}
