import Metering
import PlantAPI
import Storage

/// How an explanation is shown.
package enum ExplanationFormat: String, Sendable, CaseIterable {
    case text, json
}

/// A question for one number of the record, as people ask it.
package struct ExplanationQuery: Sendable {
    private let subject: String
    private let at: String?
    private let format: ExplanationFormat

    /// The window of an indicator that holds a time (nil: the last one), or the peak of a nonconformity.
    package init(subject: String, at: String?, format: ExplanationFormat) {
        (self.subject, self.at, self.format) = (subject, at, format)
    }

    /// The answer from a store; throws a ``CommandError`` (64 and 65).
    package func answer(_ store: PlantStore, calendar: SiteCalendar, now: Instant) throws -> String {
        let instant = try at.map { try TimeBound.instant($0, option: "--at", now: now, calendar: calendar) }
        let explanation = try store.show { reader in
            let explaining = try Explaining(store, reader)
            return subject.hasPrefix("NC-")
                ? try explaining.nonconformity(subject) : try explaining.value(of: subject, at: instant ?? now)
        }
        switch format {
        case .text: return explanation.text(in: calendar)
        case .json: return explanation.json.canonicalText + "\n"
        }
    }
}
