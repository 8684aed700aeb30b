import Modbus
import PlantConfiguration
import Scenarios

extension SimulatedFault {
    /// Does to an answer what this fault does.
    func spoil(_ plan: inout AnswerPlan, _ foreignUnit: UInt8) {
        switch kind {
        case .silent, .down: plan.content = .silence
        case .exception: plan.content = .exception(code)
        case .reset: plan.content = .reset
        case .slow: plan.delay += delay
        case .late:
            plan.delay += delay
            plan.letsOthersPass = true
        case .drip: plan.drip = delay
        case .duplicate: plan.copies = 2
        case .crc: plan.damage = .checksum
        case .foreign: plan.damage = .unit(foreignUnit)
        case .transaction: plan.damage = .transaction
        case .function: plan.damage = .function
        case .truncated: plan.damage = .truncated
        case .rubbish: plan.damage = .rubbish
        case .stuck, .jump, .missing: break
        }
    }
}
