import Modbus

/// What can be asked of the devices on a line while it is being set up.
package protocol DeviceLine: AnyObject {
    /// The cells of a stretch.
    func read(_ request: ReadRequest) throws(ModbusFailure) -> [UInt16]
    /// What a device says of itself, by object.
    func identify(_ unit: UInt8) throws(ModbusFailure) -> [UInt8: String]
    /// Why there is no connection, in words; nil while there is one or none was wanted.
    var cause: String? { get }
    /// Whether devices answer themselves, and no gateway for them.
    var isSerial: Bool { get }
}

extension DeviceLine {
    package var cause: String? { nil }
    package var isSerial: Bool { false }
}
