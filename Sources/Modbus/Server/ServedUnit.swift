import Synchronization

/// A device with its registers, shared by all connections of its link.
final class ServedUnit: Sendable {
    let device: any AnsweringUnit
    private let registers: Mutex<RegisterBank>

    /// nil where memory is exhausted.
    init?(_ device: any AnsweringUnit) {
        guard let bank = RegisterBank(device.extent) else { return nil }
        self.device = device
        registers = Mutex(bank)
    }

    /// The plan of the answer, and the frame where the plan is to answer what stands in the registers.
    func answer(_ request: ServerRequest, through context: borrowing ReplyContext) -> (AnswerPlan, [UInt8]?) {
        registers.withLock { bank in
            let plan = device.prepare(request, in: &bank)
            return (plan, plan.content == .registers ? context.answer(to: request, from: bank) : nil)
        }
    }
}
