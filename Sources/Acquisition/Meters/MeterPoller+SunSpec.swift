import Modbus

extension MeterPoller {
    /// Nanoseconds after which a model that was not found is looked for again.
    private static let searchRest: Int64 = 60_000_000_000

    /// Walks the device's chain of SunSpec models to the one from which the meter's addresses count; why that was in vain.
    ///
    /// A device without the model is told of like one that refuses every register.
    func findModel(now: Int64, over link: some Asking) -> ModbusFailure? {
        guard now >= nextSearch else { return .exception(2) }
        do throws(ModbusFailure) {
            let line = AskedLine(link)
            let address = try SunSpecDevice.place(of: definition.models, in: definition.unit, over: line)
            let isNew = address != base
            guard let address, settle(at: address) else {
                nextSearch = now + MeterPoller.searchRest
                return .exception(2)
            }
            if isNew { planner = freshPlanner }
            refused.learnedPlan()
            return nil
        } catch {
            return error
        }
    }
}

/// A link that is asked within a slot.
private final class AskedLine<Link: Asking>: DeviceLine {
    private let link: Link

    init(_ link: Link) { self.link = link }

    func read(_ request: ReadRequest) throws(ModbusFailure) -> [UInt16] { Array(try link.ask(request)) }

    func identify(_ unit: UInt8) throws(ModbusFailure) -> [UInt8: String] { throw .exception(1) }
}
