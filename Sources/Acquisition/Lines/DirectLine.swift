import Metering
import Modbus
import Platform

/// A line of one's own, where no daemon has it.
package final class DirectLine: DeviceLine {
    private let client: ModbusClient
    package private(set) var cause: String?
    package var isSerial: Bool { client.isSerial }

    /// A line that is opened with the first question.
    package init(_ link: LinkDefinition, wake: WakeSignal = WakeSignal()) {
        client = ModbusClient(endpoint: link.endpoint, timing: link.timing, wake: wake)
    }

    package func read(_ request: ReadRequest) throws(ModbusFailure) -> [UInt16] {
        try connect()
        return try Array(client.words[..<client.read(request)])
    }

    package func identify(_ unit: UInt8) throws(ModbusFailure) -> [UInt8: String] {
        try connect()
        return try client.identify(unit)
    }

    private func connect() throws(ModbusFailure) {
        switch client.connect(until: .max) {
        case .connected: cause = nil
        case .pending: throw .linkDown
        case .failed(let fault):
            cause = fault.description
            throw fault.failure
        }
    }
}

/// The line of a running worker, asked between its polls.
package final class SharedLine: DeviceLine {
    private let worker: LinkWorker
    /// Nanoseconds one question may wait for its turn.
    private static let patience: Int64 = 60_000_000_000
    /// When its first question was given.
    private var began: Int64?

    /// The line of that worker.
    package init(_ worker: LinkWorker) { self.worker = worker }

    package var cause: String? {
        let health = worker.health
        return health.connected ? nil : health.cause
    }

    package func read(_ request: ReadRequest) throws(ModbusFailure) -> [UInt16] {
        guard case .words(let words) = try ask(.read(request)) else { return [] }
        return words
    }

    package func identify(_ unit: UInt8) throws(ModbusFailure) -> [UInt8: String] {
        guard case .objects(let objects) = try ask(.identify(unit)) else { return [:] }
        return objects
    }

    package var isSerial: Bool {
        if case .tcp = worker.link.transport { false } else { true }
    }

    private func ask(_ question: LineJob.Question) throws(ModbusFailure) -> LineJob.Answer {
        let now = MonotonicTime.now()
        // Who has waited for room waits once: a block that is taken apart would else wait for each of its questions.
        let job = LineJob(question, waitingSince: began ?? now)
        began = began ?? now
        worker.take(job)
        return try job.wait(until: now + SharedLine.patience)
    }
}
