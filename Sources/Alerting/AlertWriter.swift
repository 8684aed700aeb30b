import Foundation
import PlantConfiguration
import Storage
import Synchronization

/// Brings alerts from the outbox into every configured file, in order, exactly once.
///
/// ```
/// let writer = try AlertWriter(outbox: store, files: plant.alerts)
/// let pass = writer.deliver()
/// for fault in pass.faults { log(fault) }
/// ```
package final class AlertWriter: Sendable {
    /// How one pass over the files went.
    package struct Pass: Sendable, Hashable {
        /// Lines written over all files.
        package var lines: Int
        /// The files that could not be written; their lines wait.
        package var faults: [AlertFileFault]

        /// A pass that wrote so many lines.
        package init(lines: Int = 0, faults: [AlertFileFault] = []) {
            self.lines = lines
            self.faults = faults
        }
    }

    private final class Slot: Sendable {
        let path: String
        let file: Mutex<AlertAppender>

        init(_ definition: Plant.AlertDestination, delivery: AlertDelivery, others: [String]) {
            path = definition.path
            file = Mutex(AlertAppender(definition, delivery: delivery, others: others))
        }
    }

    private let outbox: any AlertOutbox
    private let slots = Mutex<[Slot]>([])

    /// A writer for the files of the configuration.
    ///
    /// A path that was never configured before begins with the next alert; throws what the outbox throws.
    package init(outbox: any AlertOutbox, files: [Plant.AlertDestination]) throws {
        self.outbox = outbox
        try configure(files)
    }

    /// Takes over the files of a new configuration; what is known of paths that stay is kept.
    package func configure(_ files: [Plant.AlertDestination]) throws {
        var fresh: [Slot] = []
        for definition in files {
            let others = files.map(\.path).filter { $0 != definition.path }
            if let known = try outbox.delivery(path: definition.path) {
                fresh.append(Slot(definition, delivery: known, others: others))
            } else {
                let start = AlertDelivery(path: definition.path, delivered: try outbox.head())
                try outbox.record(start)
                fresh.append(Slot(definition, delivery: start, others: others))
            }
        }
        let configured = fresh
        slots.withLock { $0 = configured }
    }

    /// Writes all that waits; a file that cannot be written stops neither the others nor the caller.
    package func deliver() -> Pass {
        slots.withLock { slots in
            var pass = Pass()
            for slot in slots {
                do {
                    pass.lines += try slot.file.withLock { try deliver(&$0) }
                } catch let fault as AlertFileFault {
                    pass.faults.append(fault)
                } catch {
                    // The outbox cannot be read or written now: nothing is lost, the next pass goes on from what the
                    // file holds.
                    pass.faults.append(AlertFileFault(slot.path, "cannot go on (\(error))"))
                }
            }
            return pass
        }
    }

    private func deliver(_ file: inout AlertAppender) throws -> Int {
        var lines = 0
        while true {
            if !file.isRecorded { try file.record(in: outbox) }
            let waiting = try outbox.waiting(after: file.delivery.delivered, limit: 500)
            if waiting.isEmpty {
                // Whether it can be written is known before something has to be.
                try AlertAppender.look(at: file.definition.path)
                return lines
            }
            lines += try file.deliver(waiting, to: outbox)
        }
    }
}
