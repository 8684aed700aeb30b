import Metering
import Modbus

/// How far asking has come in one slot.
struct SlotProgress {
    /// Requests in a row without an answer after which no more is asked in the slot.
    static let patience = 2

    /// Whether anything was answered, be it with an exception.
    var answered = false
    /// Whether a value was answered that was asked for alone since the meter was silent.
    var sampleAnswered = false
    /// Requests in a row without an answer.
    var silences = 0
    /// Why the first request failed that did.
    var firstFailure: ModbusFailure?
    /// Requests without an answer.
    var quiet: [(request: PlannedRequest, failure: ModbusFailure)] = []

    /// Records an answer.
    mutating func isAnswered() {
        answered = true
        silences = 0
    }

    /// Records a request that failed.
    mutating func fails(_ failure: ModbusFailure) { firstFailure = firstFailure ?? failure }

    /// What the slot came to.
    var outcome: MeterPoller.Outcome {
        guard let firstFailure else { return .complete }
        return answered ? .partial(firstFailure.reason) : .silent(firstFailure)
    }
}
