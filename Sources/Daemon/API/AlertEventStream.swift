import Conformity
import Foundation
import Metering
import NIOCore
import PlantAPI
import Platform
import ServiceLifecycle
import Storage

/// The alerts as they come, as server-sent events: `id` is the alert's number, `event` is `alert`, `data` the line, and
/// `text` (which
/// browsers pass over) the same for people.
struct AlertEventStream {
    private let plant: LivePlant
    private let after: Int?

    /// The stream of the alerts after that number of the recording; nil: of those to come.
    init(plant: LivePlant, after: Int?) {
        self.plant = plant
        self.after = after
    }

    /// Writes events until the daemon stops or the connection goes away (then throws what writing throws).
    func write(_ write: (ByteBuffer) async throws -> Void) async throws {
        let plant = plant
        var seen = after ?? plant.alerts.last
        var quiet = 0
        try await write(ByteBuffer(string: ": emsd\n\n"))
        while !Task.isShuttingDownGracefully, !plant.isStopping {
            let head = plant.alerts.last
            if head > seen {
                let last = seen
                let alerts = try await OwnThread.run("events") {
                    let alerts = try plant.store.show { try $0.alerts(after: last, limit: 100) }
                    // What is told outlasts a loss of power.
                    plant.store.flush()
                    return alerts
                }
                for alert in alerts {
                    let event =
                        "id: \(alert.seq)\nevent: alert\ntext: \(ShownText(alert.text))\ndata: \(line(alert))\n\n"
                    try await write(ByteBuffer(string: event))
                    seen = alert.seq
                }
                quiet = 0
                continue
            }
            try await Task.sleep(for: .milliseconds(200))
            quiet += 1
            // A comment now and then lets both sides notice a connection that is gone.
            if quiet % 75 == 0 { try await write(ByteBuffer(string: ": still here\n\n")) }
        }
    }

    private func line(_ alert: AlertRecord) -> String { AlertLine.numbered(alert.json, sequence: alert.seq) }
}

extension LivePlant {
    /// The number of the last alert before a time, written as `--since`; throws a ``CommandError`` (64) where it is none.
    func alert(before since: String) throws -> Int {
        let calendar = plant.plan.calendar
        let start = try TimeBound.instant(
            since, option: "--since", now: Instant(milliseconds: WallClock.milliseconds()), calendar: calendar)
        recording.settle()
        let first = try store.show { try $0.alerts(after: 0).first { $0.time >= start } }
        return try first.map { $0.seq - 1 } ?? store.head()
    }
}
