import PlantAPI

/// Whether the plant gets on, as the watchdog is told: the recorder takes what comes in and closes windows, and the links'
/// threads come round.
struct PlantPulse: Sendable, Hashable {
    /// Milliseconds after which a recorder that has not come on is stuck; long work says that it comes on.
    private static let recorderPatience: Int64 = 10_000

    /// Milliseconds since the recorder came on.
    var recorderIdle: Int64
    /// How many links there are.
    var links: Int
    /// Those whose thread does not come round.
    var stuckLinks: [String]

    /// Whether it gets on: to begin again for one stuck link of several would cost the others their slots.
    var isAlive: Bool {
        recorderIdle < PlantPulse.recorderPatience && (links == 0 || stuckLinks.count < links)
    }

    /// What is wrong, as a sentence; nil: nothing.
    var complaint: String? {
        if recorderIdle >= PlantPulse.recorderPatience {
            return "the recorder has not come on for \(recorderIdle / 1000) s"
        }
        if stuckLinks.isEmpty { return nil }
        let names = stuckLinks.map { "'\($0)'" }.joined(separator: ", ")
        return "no request of link \(names) comes to its end: look at its device and driver"
    }
}
