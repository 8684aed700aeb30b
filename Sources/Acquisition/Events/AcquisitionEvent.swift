import Metering
import Modbus

/// What an operator may want to know about the wire, beyond the readings.
package enum AcquisitionEvent: Sendable, Hashable {
    /// A meter has given no answer for at least three of its slots and ten seconds, over a link that works.
    case meterLost(meter: String, reason: Reason)
    /// A meter that was lost answers again.
    case meterBack(meter: String)
    /// A link could not be connected for at least ten seconds, or none of its meters, three or more, has answered for as
    /// long; so many meters are behind it, which are not told of one by one.
    case linkLost(link: String, reason: Reason, cause: String, meters: Int)
    /// A link that was lost gives answers again.
    case linkBack(link: String)
    /// A device does not give the registers of these points: an exception comes, nothing, the end of the connection, or an answer
    /// of another length; told once, not again after a restart.
    case registersRefused(meter: String, points: [PointIndex], with: ModbusFailure)
    /// A device refuses all it is asked for with that exception; told once.
    case everythingRefused(meter: String, exception: UInt8)
    /// A device answers for registers that it refused before.
    case registersAccepted(meter: String, points: [PointIndex])
    /// A device takes no request for more than so many registers at once.
    case limitLearned(meter: String, registers: Int)
    /// What is known of a device has changed and is to be kept.
    case learned(meter: String, facts: LearnedFacts)
    /// A gateway answers with transaction 0 instead of the request's, so that none of its answers can be taken; told once.
    case answersUnnumbered(link: String)
    /// Another master asks these units on a serial line; told once.
    case foreignMaster(link: String, units: [UInt8])
    /// The thread of a link could not be started; its meters are not polled.
    case linkNotStarted(link: String, cause: String)
}
