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
