import Foundation
import Metering

/// What a person raised as a nonconformity, which no objective measures or told of first.
package struct RaisedFinding: Sendable, Hashable, Codable {
    /// Where it comes from.
    package enum Source: String, Sendable, Hashable, Codable, CaseIterable {
        case audit, complaint, spill, laboratory, inspection, other
    }

    package var title: String
    package var source: Source
    /// The objective that it is about, by its name; nil: none.
    package var objective: String?
    /// The requirement that was not kept, in words.
    package var reference: String?
    package var responsible: String?
    /// Where it is, as the meters' `area` names it.
    package var area: String?

    /// A finding.
    package init(
        title: String, source: Source, objective: String? = nil, reference: String? = nil, responsible: String? = nil,
        area: String? = nil
    ) {
        self.title = title
        self.source = source
        self.objective = objective
        self.reference = reference
        self.responsible = responsible
        self.area = area
    }

    /// The finding as canonical JSON: it stands where an objective's definition does.
    package var definition: String {
        CanonicalJSON.object([
            .init("title", .text(title)), .init("source", .text(source.rawValue)), .init("objective", .text(objective)),
            .init("reference", .text(reference)), .init("responsible", .text(responsible)), .init("area", .text(area)),
        ]).canonicalText
    }
}

extension Nonconformity {
    /// What a person raised; nil of any other.
    package var finding: RaisedFinding? {
        kind == .finding ? try? JSONDecoder().decode(RaisedFinding.self, from: Data(definition.utf8)) : nil
    }

    /// What a person called it, or what a failed check puts in doubt; nil where an objective's title says it.
    package var title: String? { finding?.title ?? (failedCheck == nil ? nil : written?.title) }

    /// Who answers for it, as its objective was configured when it was raised; nil where nobody is named.
    package var responsible: String? { written?.responsible }

    private var written: WrittenDemand? {
        try? JSONDecoder().decode(WrittenDemand.self, from: Data(definition.utf8))
    }

    /// The nonconformity that a person raises, with its number.
    ///
    /// It lasts until somebody clears it where it has no `end` yet. `onset` must be before `end` and `time`.
    package init(
        _ finding: RaisedFinding, id: String, severity: Severity, onset: Instant, at time: Instant, end: Instant?,
        configurationDigest: String
    ) {
        self.init(
            id: id, objective: Nonconformity.findingPrefix + id, severity: severity,
            condition: end == nil ? .ongoing : .cleared, onset: onset, raisedAt: time,
            clearedAt: end, detectedAt: time, peak: nil, limit: nil, unit: nil,
            definition: finding.definition, configurationDigest: configurationDigest)
    }
}

/// Of a definition, what it is called and who answers for it.
private struct WrittenDemand: Decodable {
    var responsible: String?
    var title: String?
}
