import Conformity
import Foundation
import Metering
import Storage

/// A nonconformity as a bundle tells it, with its life.
struct BundledLife {
    fileprivate struct Told: Decodable {
        struct Window: Decodable {
            let start: String
            let end: String
            let verdict: String
            let value: Double?
            let limit: Double?
            let coverage: Double
            let status: String
            let revision: Int?
        }
        struct Frozen: Decodable {
            let windows: [Window]
            let points: [EvidencePoint]
        }
        struct Step: Decodable {
            let step: Int
            let time: String
            let by: String
            let kind: String
            let said: String
        }
        struct Demand: Decodable {
            let since: String
            let demand: String
            let unit: String?
        }
        let id: String
        let subject: String
        let severity: String
        let state: String
        let condition: String
        let remark: String?
        let onset: String
        let raisedAt: String
        let clearedAt: String?
        let detectedAt: String?
        let withdrawnAt: String?
        let peak: Double?
        let limit: Double?
        let unit: String?
        let recurrenceOf: String?
        let demand: String
        let configuration: String
        let evidence: String
        let version: Int?
        let laterDemands: [Demand]
        let windows: [Window]
        let points: [EvidencePoint]
        let atRaising: Frozen?
        let steps: [Step]
    }

    let found: Nonconformity
    let steps: [LifecycleRecord]
    private let evidence: String

    /// The lives in a file; nil where it is none of such.
    static func read(_ bytes: [UInt8]) -> [BundledLife]? {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let told = try? decoder.decode([Told].self, from: Data(bytes)) else { return nil }
        let lives = told.compactMap { BundledLife($0) }
        return lives.count == told.count ? lives : nil
    }

    private init?(_ told: Told) {
        guard let severity = Severity(rawValue: told.severity), let onset = Instant(told.onset),
            let condition = Nonconformity.Condition(rawValue: told.condition), let raisedAt = Instant(told.raisedAt)
        else { return nil }
        let windows = told.windows.compactMap { EvidenceWindow($0) }
        let frozen = told.atRaising.map {
            FrozenEvidence(windows: $0.windows.compactMap { EvidenceWindow($0) }, points: $0.points)
        }
        guard windows.count == told.windows.count else { return nil }
        var found = Nonconformity(
            id: told.id, objective: told.subject, severity: severity, state: told.state, condition: condition,
            remark: told.remark, onset: onset, raisedAt: raisedAt, clearedAt: told.clearedAt.flatMap { Instant($0) },
            detectedAt: told.detectedAt.flatMap { Instant($0) }, peak: told.peak, limit: told.limit, unit: told.unit,
            recurrenceOf: told.recurrenceOf, definition: told.demand, configurationDigest: told.configuration,
            windows: windows, points: told.points, frozen: frozen)
        found.version = told.version
        found.withdrawnAt = told.withdrawnAt.flatMap { Instant($0) }
        for demand in told.laterDemands {
            guard let since = Instant(demand.since) else { return nil }
            found.laterDemands.append(LaterDemand(since: since, definition: demand.demand, unit: demand.unit))
        }
        self.found = found
        evidence = told.evidence
        steps = told.steps.compactMap { step in
            Instant(step.time).map {
                LifecycleRecord(
                    nonconformity: told.id, seq: step.step, time: $0, who: step.by, step: step.kind, details: step.said)
            }
        }
    }

    /// What is wrong with the evidence or the episode, as the rest of a sentence: its digest, that of the raising in the journal,
    /// which one it repeats.
    func fault(_ lines: [JournalFacts.Step]) -> String? {
        struct Episode: Decodable {
            let evidence: String?
            let recurrenceOf: String?
        }
        if found.evidenceDigest != evidence {
            return "the windows and readings of its evidence are not those of its digest"
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let told = lines.filter { ["nc.opened", "nc.cleared", "nc.revised"].contains($0.type) }
            .compactMap { try? decoder.decode(Episode.self, from: Data($0.line.line.utf8)) }
        guard let opened = told.first, let last = told.last else { return nil }
        if let frozen = found.frozen, let digest = opened.evidence, frozen.digest != digest {
            return "what was known at its raising is not what the journal sealed"
        }
        guard last.recurrenceOf != found.recurrenceOf else { return nil }
        return "it repeats \(found.recurrenceOf ?? "none"), the journal has \(last.recurrenceOf ?? "none")"
    }
}

extension EvidenceWindow {
    fileprivate init?(_ told: BundledLife.Told.Window) {
        guard let start = Instant(told.start), let end = Instant(told.end) else { return nil }
        self.init(
            start: start.milliseconds, end: end.milliseconds, verdict: told.verdict, value: told.value,
            limit: told.limit,
            coverage: told.coverage, status: told.status, revision: told.revision)
    }
}
