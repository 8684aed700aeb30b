import Conformity
import Forwarding
import Metering
import PlantAPI
import PlantConfiguration
import RecordKeeping
import Recording

extension LivePlant {
    /// Starts sending to what the configuration names.
    func startForwarding() {
        do {
            try forwarder.configure(plant.forward, around: forwardSurroundings)
        } catch {
            logger.error("nothing is forwarded: \(error)")
        }
    }

    /// Says that readings were deleted for their age before a target had them.
    func tellUnsent(_ readings: Int, _ target: String, with recorder: Recorder, now: Instant) throws {
        let message =
            "\(readings) readings were deleted for their age before \(target) had them: it gets them no more; keep readings "
            + "longer (storage.retention), or see what is wrong there (emsctl forward)"
        let details: [CanonicalJSON.Member] = [
            .init("target", .text(target)), .init("readings", .integer(readings)), .init("message", .text(message)),
        ]
        logger.warning("\(message)")
        try recorder.note(
            JournalEntry("forward.deleted", at: now, details),
            RecordedAlert(
                AlertEvent(rawValue: "forward_deleted"), .warning, details: details.dropLast(), message: message),
            now: now)
    }

    /// What a sender needs of this plant.
    var forwardSurroundings: ForwardSurroundings {
        ForwardSurroundings(
            now: { [intake] in intake.isClockBelieved ? intake.now : nil },
            site: { [self] in
                let plant = plant
                return ForwardedSite(
                    version: ProgramVersion.text, configuration: plant.digest,
                    objectives: plant.objectives.map { objective in
                        ForwardedSite.Objective(
                            name: objective.name, title: objective.title ?? objective.name,
                            indicator: plant.plan.indicators[objective.indicator].name,
                            unit: plant.plan.indicators[objective.indicator].unit,
                            definition: objective.source)
                    })
            },
            tell: { [self] news in
                do {
                    let alert = RecordedAlert(
                        AlertEvent(rawValue: news.event), news.severity, details: news.details, message: news.message)
                    let entry = JournalEntry(
                        news.event.replacing("_", with: "."), at: now,
                        news.details + [.init("message", .text(news.message))])
                    try recording.perform { try $0.note(entry, alert, now: entry.time) }
                } catch {
                    logger.error("\(news.message)", metadata: ["unrecorded": "\(error)"])
                }
            },
            keep: { [audit, intake] note in
                _ = try audit.take(Array(note.text.utf8), now: intake.now)
            },
            log: { [logger] in logger.warning("\($0)") })
    }
}
