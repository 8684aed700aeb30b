import Commissioning
import Foundation
import Listings
import Metering
import PlantAPI
import PlantConfiguration
import Platform
import RecordKeeping
import Recording
import Storage

extension LivePlant {
    /// Takes over the changed configuration, all or nothing, or only says what that would do.
    ///
    /// Throws a ``ConfigurationRefusal`` with every finding where it is broken, or changes what cannot change while the
    /// daemon runs: then the old one stays in force. Throws a ``CommandError`` (64) where the site's changes need a reason and
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
            let reason = request.reason.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
            let isControlled = old.site.isChangeControlled || new.site.isChangeControlled
            if isControlled, reason == nil, !change.isEmpty {
                throw CommandError(
                    .usage, "this site's changes are controlled: say why with 'emsctl reload --reason TEXT'")
            }
            try takeOver(new, from: old, ConfigurationLoad(.reload, by: user, reason: reason))
            polling.change(to: new)
            startForwarding()
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
        demand("api.tls", old.api.remote == new.api.remote)
        demand("metrics.listen", old.metricsListen == new.metricsListen)
        demand("web.listen", old.webListen == new.webListen)
        return changes
    }

    private func takeOver(_ new: Plant, from old: Plant, _ load: ConfigurationLoad) throws {
        let compared = try ComparedPlants(from: old, to: new, in: store)
        // What the old one has still to compute is computed by it, beside polling.
        while try !recording.perform({ [self] recorder in try takeOverNow(&recorder, new, old, load, compared) }) {
            guard !isStopping else { throw CommandError(.unreachable, "the daemon is stopping") }
            _ = reloadWake.wait(milliseconds: 100)
        }
    }

    /// Puts another plant in force where the recorder has nothing else to do; false where it has.
    private func takeOverNow(
        _ recorder: inout Recorder, _ new: Plant, _ old: Plant, _ load: ConfigurationLoad, _ compared: ComparedPlants
    ) throws -> Bool {
        guard recorder.isOpen, !recorder.isWorkLeft else { return false }
        let plantSummary = PlantSummary(new, configuration: configuration)
        let cut = try recording.cut(recorder)
        guard !recorder.holdsAny else {
            throw CommandError(.inputOutput, "readings wait to be recorded, and would be lost: see emsctl status")
        }
        let next = Recorder(store: store, plant: new, isLive: true)
        do {
            try next.succeed(recorder, from: cut, now: now, load: load, compared: compared)
            if plantSummary != state.withLock({ $0.plantSummary }) { try store.write { try plantSummary.keep(in: $0) } }
            try alerts.configure(new.alerts)
        } catch {
            recorder.distrust()
            throw error
        }
        let newest = try store.read { try $0.newestTimes() }
        intake.goOn(points: new.plan.points.count, newest: newest, places: PollingChange.places(from: old, to: new))
        recorder = next
        put(new, plantSummary: plantSummary)
        return true
    }
}
