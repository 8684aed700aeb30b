import Modbus

/// What one slot taught about a device.
struct Learning: Equatable {
    /// Items newly found to be refused, with what comes in place of an answer.
    var refused: [Int: ModbusFailure] = [:]
    /// Items that were refused and are read again.
    var accepted: [Int] = []
    /// The most registers the device gives at once, where that is settled and new.
    var limit: Int?
    /// Set in the slot in which it is certain that the device refuses all it is asked.
    var refusesAll: UInt8?
    /// Whether other requests are to be planned.
    var changesPlan = false
    /// Whether there is something to keep.
    var isNews = false
}
