import Commissioning
import Foundation
import Listings
import Metering
import PlantAPI
import PlantConfiguration
import Platform
import Recording
import Storage

extension LivePlant {
    /// Takes over the changed configuration, all or nothing, or only says what that would do.
    ///
    /// Throws a ``ConfigurationRefusal`` with every finding where it is broken, or changes what cannot change while the
    /// daemon runs: then the old one stays in force. Throws a ``Complaint`` (64) where the site's changes need a reason and
    /// none is given.
    func reload(_ request: ReloadRequest, askedBy user: String) throws -> ReloadAnswer {
        try alone {
            let report = ConfigurationCheck.report(configuration)
            let old = plant
            guard let new = report.plant, report.errors.isEmpty else {
                throw ConfigurationRefusal(findings: report.faults.map(\.description))
            }
            let fixed = fixedChanges(from: old, to: new)
            guard fixed.isEmpty else { throw ConfigurationRefusal(findings: fixed) }
            let warnings = report.warnings.map { $0.description + "\n" }.joined()
            let isDry = request.isDryRun == true
            let change = try store.read {
                try ChangeReport(from: old, to: new, in: $0, now: Instant(milliseconds: WallClock.milliseconds()))
            }
            let answer = ReloadAnswer(warnings: warnings, report: isDry ? change.text : change.shortText)
            if isDry { return answer }
            let isControlled = old.site.isChangeControlled || new.site.isChangeControlled
            if isControlled, request.reason == nil, !change.isEmpty {
                throw Complaint(
                    .usage, "this site's changes are controlled: say why with 'emsctl reload --reason TEXT'")
            }
            stopPolling()
            defer { startPolling() }
            try takeOver(new, from: old, ConfigurationLoad(.reload, by: user, reason: request.reason))
            logger.notice("the configuration was reloaded", metadata: ["digest": "\(new.digest)", "by": "\(user)"])
            return answer
        }
    }

    private func fixedChanges(from old: Plant, to new: Plant) -> [String] {
        var changes: [String] = []
        func demand(_ key: String, _ isSame: Bool) {
            if !isSame {
                changes.append("\(configuration):1:1: error: \(key) cannot change while emsd runs: restart it")
            }
        }
        demand("storage.directory", old.storage.directory == new.storage.directory)
        demand("storage.sync", old.storage.sync == new.storage.sync)
        demand("api.socket", old.api.socket == new.api.socket)
        demand("metrics.listen", old.metricsListen == new.metricsListen)
        return changes
    }

    private func takeOver(_ new: Plant, from old: Plant, _ load: ConfigurationLoad) throws {
        let card = PlantCard(new, configuration: configuration)
        let store = store
        try recording.perform { [self] recorder in
            guard !recorder.holdsAny else {
                throw Complaint(.inputOutput, "readings wait to be recorded, and would be lost: see emsctl status")
            }
            let now = now
            let next = Recorder(store: store, plant: new, isLive: true)
            next.madeProgress = recorder.madeProgress
            do {
                try next.start(now: now, load: load, running: recorder)
                if card != self.state.withLock({ $0.card }) { try store.write { try card.keep(in: $0) } }
                try alerts.configure(new.alerts)
            } catch {
                recorder.distrust()
                try recorder.start(now: now)
                throw error
            }
            let before = state.withLock { $0.intake }
            let intake = try store.read { reader in
                Intake(
                    points: new.plan.points.count, newest: try reader.newestTimes(), clock: try reader.clock(),
                    before: before)
            }
            recorder = next
            recording.take(from: intake)
            put(new, card: card, intake: intake)
        }
    }
}
