import Conformity
import Foundation
import Indicators
import Metering
import Storage

extension StoreReader {
    /// The life of a nonconformity as its recorded steps left it.
    package func life(of id: String, hasSingleOperator: Bool = false) throws -> NonconformityLifecycle {
        let steps = try steps(of: id).map { try JSONDecoder().decode(LifecycleStep.self, from: Data($0.details.utf8)) }
        return NonconformityLifecycle(id: id, steps: steps, hasSingleOperator: hasSingleOperator)
    }

    /// The lives of the nonconformities whose effect is being verified, by their numbers.
    package func livesBeingVerified() throws -> [String: NonconformityLifecycle] {
        var lives: [String: NonconformityLifecycle] = [:]
        for id in try nonconformityIDs(in: NonconformityState.verifying.rawValue) { lives[id] = try life(of: id) }
        return lives
    }
}

extension NonconformityLifecycle {
    /// The severity that it is treated with: one higher than its objective's, where it is systemic.
    package func severity(of found: Nonconformity) -> Severity { isSystemic ? found.severity.raised : found.severity }

    /// What is due of a nonconformity, by the deadlines of its severity.
    package func deadlines(of found: Nonconformity, _ deadlines: Deadlines, in calendar: SiteCalendar) -> [Deadline] {
        self.deadlines(
            known: found.detectedAt ?? found.raisedAt, deadlines[severity(of: found)],
            responsible: found.responsible, in: calendar)
    }
}
