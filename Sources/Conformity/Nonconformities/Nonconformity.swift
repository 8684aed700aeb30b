import Indicators
import Metering

/// One window of an episode, frozen as evidence.
package struct EvidenceWindow: Sendable, Hashable, Codable {
    package var start: Int64
    package var end: Int64
    package var verdict: String
    package var value: Double?
    package var limit: Double?
    package var coverage: Double
    package var status: String
    /// Which revision of the indicator's value was judged; nil where it was recorded before that was kept.
    package var revision: Int?

    /// The evidence of one window; times in milliseconds since 1970.
    package init(
        start: Int64, end: Int64, verdict: String, value: Double?, limit: Double?, coverage: Double, status: String,
        revision: Int? = nil
    ) {
        self.start = start
        self.end = end
        self.verdict = verdict
        self.value = value
        self.limit = limit
        self.coverage = coverage
        self.status = status
        self.revision = revision
    }
}

/// The usable readings of one point during an episode, frozen as evidence.
package struct EvidencePoint: Sendable, Hashable, Codable {
    package var point: String
    package var count: Int
    package var minimum: Double?
    package var maximum: Double?
    package var first: Double?
    package var last: Double?

    /// The evidence of one point.
    package init(
        point: String, count: Int, minimum: Double?, maximum: Double?, first: Double?, last: Double?
    ) {
        self.point = point
        self.count = count
        self.minimum = minimum
        self.maximum = maximum
        self.first = first
        self.last = last
    }
}

/// The demand that a nonconformity went on under from an instant on.
package struct LaterDemand: Sendable, Hashable, Codable {
    /// From when, in milliseconds since 1970.
    package var since: Int64
    /// The objective as configured, as canonical JSON.
    package var definition: String
    /// The unit of its value and limit.
    package var unit: String?

    /// A demand from that instant on.
    package init(since: Instant, definition: String, unit: String?) {
        self.since = since.milliseconds
        self.definition = definition
        self.unit = unit
    }
}

/// The evidence as it was known when a nonconformity was raised: later revisions leave it as it is (Rules 10).
package struct FrozenEvidence: Sendable, Hashable, Codable {
    package var windows: [EvidenceWindow]
    package var points: [EvidencePoint]

    /// The windows and readings as they are known.
    package init(windows: [EvidenceWindow], points: [EvidencePoint]) {
        self.windows = windows
        self.points = points
    }
}

/// One episode of an objective not met, from its raising on (Rules 10).
///
/// ``condition`` is the telemetry's and ``state`` the people's; neither changes the other.
package struct Nonconformity: Sendable, Hashable {
    package enum Condition: String, Sendable, Hashable, CaseIterable {
        case ongoing
        case cleared
        /// Its objective, or that one's indicator, was taken out while it lasted.
        case withdrawn
    }

    /// What did not conform.
    package enum Kind: String, Sendable, Hashable {
        /// An objective was not met.
        case breach
        /// What was measured for an objective did not hold: opened where a person rejects a breach as a fault of the data.
        case data
        /// A person found something: an audit, a complaint, a spill, a laboratory.
        case finding
    }

    /// `NC-<year>-<four digits or more>`; given once.
    package var id: String
    /// What was judged, which with ``onset`` is its identity: the objective's name, and behind the name `/data` where the data
    /// were at fault; `finding/` and its number where a person raised it.
    package var objective: String
    package var severity: Severity
    /// The state of the lifecycle: `open`, `acknowledged`, `analysed`, `planned`, `done`, `verifying`, `closed`, `reopened`, `rejected`.
    package var state: String
    package var condition: Condition
    /// `revised` where a revision put it right.
    package var remark: String?
    /// Start of the first window of the row: with the objective, its identity.
    package var onset: Instant
    /// End of the window that completed the row.
    package var raisedAt: Instant
    package var clearedAt: Instant?
    /// When the daemon knew; nil in replay.
    package var detectedAt: Instant?
    /// The value farthest past its limit.
    package var peak: Double?
    /// The limit of the peak's window.
    package var limit: Double?
    package var unit: String?
    /// The number of the nonconformity that it repeats.
    package var recurrenceOf: String?
    /// The objective as configured when it was raised, as canonical JSON.
    package var definition: String
    /// SHA-256 of the whole configuration when it was raised, lower-case hex.
    package var configurationDigest: String
    /// The windows of the episode by their final revisions.
    package var windows: [EvidenceWindow]
    /// What was read of each point by what is known now: until the raising while it lasts, in all once it cleared.
    package var points: [EvidencePoint]
    /// The version of the configuration that raised it; nil where it is not known.
    package var version: Int?
    /// When its objective was taken out; nil for any other condition than `withdrawn`.
    package var withdrawnAt: Instant?
    /// Demands that took the place of ``definition`` while it lasted.
    package var laterDemands: [LaterDemand] = []
    /// What was known at the raising; nil where it was recorded before that was kept.
    package var frozen: FrozenEvidence?

    /// What did not conform.
    package var kind: Kind {
        if objective.hasSuffix(Nonconformity.dataSuffix) { return .data }
        return objective.hasPrefix(Nonconformity.findingPrefix) ? .finding : .breach
    }

    /// The objective's name; of a finding that is about none, the word for where it comes from.
    package var objectiveName: String {
        switch kind {
        case .breach: objective
        case .data: String(objective.dropLast(Nonconformity.dataSuffix.count))
        case .finding: finding?.objective ?? finding?.source.rawValue ?? "finding"
        }
    }

    static let findingPrefix = "finding/"
    private static let dataSuffix = "/data"

    /// What is judged instead of an objective where the data behind it were at fault.
    package static func dataOf(objective: String) -> String { objective + dataSuffix }

    private static let checkPrefix = "calibration/"

    /// The meter whose failed check it follows; nil where it follows none.
    package var failedCheck: String? {
        guard kind == .data, objectiveName.hasPrefix(Nonconformity.checkPrefix) else { return nil }
        return String(objectiveName.dropFirst(Nonconformity.checkPrefix.count))
    }

    /// The data nonconformity that follows a check which a meter failed as it was found; it has no number yet.
    ///
    /// It is over when it is known: the meter was adjusted or changed, and what people do now is about the numbers.
    package init(
        failedCheckOf meter: String, title: String?, over stretch: Window, at time: Instant,
        configurationDigest: String
    ) {
        let text = "Readings of \(title ?? meter) since its last good check"
        let definition = CanonicalJSON.object([.init("meter", .text(meter)), .init("title", .text(text))])
        self.init(
            id: "", objective: Nonconformity.dataOf(objective: Nonconformity.checkPrefix + meter), severity: .major,
            condition: .cleared, onset: stretch.start, raisedAt: stretch.end, clearedAt: stretch.end, detectedAt: time,
            peak: nil, limit: nil, unit: nil, definition: definition.canonicalText,
            configurationDigest: configurationDigest)
    }

    /// The data nonconformity that is opened where a breach is rejected as a fault of the data.
    ///
    /// Its condition is the breach's, as long as that lasts: the readings that made the one are the fault of the other. There
    /// is no peak and no limit, for nothing is known to have been over one.
    package func dataNonconformity(id: String, at time: Instant, configurationDigest: String) -> Nonconformity {
        var data = self
        data.id = id
        data.objective = Nonconformity.dataOf(objective: objective)
        data.state = NonconformityState.open.rawValue
        data.raisedAt = max(time, onset + 1)
        data.detectedAt = time
        (data.peak, data.limit, data.recurrenceOf) = (nil, nil, nil)
        data.configurationDigest = configurationDigest
        data.frozen = FrozenEvidence(windows: windows, points: points)
        return data
    }

    /// A nonconformity.
    package init(
        id: String, objective: String, severity: Severity, state: String = "open", condition: Condition = .ongoing,
        remark: String? = nil, onset: Instant, raisedAt: Instant, clearedAt: Instant? = nil,
        detectedAt: Instant? = nil, peak: Double?, limit: Double?, unit: String?, recurrenceOf: String? = nil,
        definition: String, configurationDigest: String, windows: [EvidenceWindow] = [], points: [EvidencePoint] = [],
        frozen: FrozenEvidence? = nil
    ) {
        self.id = id
        self.objective = objective
        self.severity = severity
        self.state = state
        self.condition = condition
        self.remark = remark
        self.onset = onset
        self.raisedAt = raisedAt
        self.clearedAt = clearedAt
        self.detectedAt = detectedAt
        self.peak = peak
        self.limit = limit
        self.unit = unit
        self.recurrenceOf = recurrenceOf
        self.definition = definition
        self.configurationDigest = configurationDigest
        self.windows = windows
        self.points = points
        self.frozen = frozen
    }
}
