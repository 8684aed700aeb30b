import Modbus

/// A unit that answered on a line.
package struct FoundUnit: Sendable, Hashable {
    /// The unit identifier.
    package var unit: UInt8
    /// How it answered the first question; nil: with data.
    package var failure: ModbusFailure?
    /// What it says of itself by device identification, by object; empty where it does not know that.
    package var objects: [UInt8: String] = [:]
    /// Its SunSpec models; nil: none.
    package var sunSpec: SunSpecDevice?

    /// Asks whether a unit is there, and what it is; nil where nothing answers.
    ///
    /// A spoiled answer is one too: something is there, but rate or parity are wrong, or two devices have one address.
    ///
    /// - Throws: Why the line cannot be asked at all.
    package static func look(at unit: UInt8, over line: some DeviceLine) throws(ModbusFailure) -> FoundUnit? {
        var found = FoundUnit(unit: unit)
        do throws(ModbusFailure) {
            _ = try line.read(ReadRequest(unit: unit, function: .holdingRegisters, address: 0, count: 1))
        } catch {
            switch error {
            case .timeout: return nil
            case .exception(10), .exception(11):
                // A gateway says so for a device that is not there; one that is there has something else to say, too.
                if !line.isSerial, try !isThere(unit, over: line) { return nil }
                found.failure = error
            case .linkDown, .refused, .reset: throw error
            case .crc, .frame:
                found.failure = error
                return found
            case .exception, .length: found.failure = error
            }
        }
        do throws(ModbusFailure) {
            found.objects = try line.identify(unit)
        } catch {
            switch error {
            case .linkDown, .refused, .reset: throw error
            default: break
            }
        }
        found.sunSpec = try SunSpecDevice.find(unit, over: line)
        return found
    }

    /// Whether a unit that a gateway cannot reach for its holding registers gives any other answer.
    private static func isThere(_ unit: UInt8, over line: some DeviceLine) throws(ModbusFailure) -> Bool {
        do throws(ModbusFailure) {
            _ = try line.read(ReadRequest(unit: unit, function: .inputRegisters, address: 0, count: 1))
            return true
        } catch {
            switch error {
            case .timeout, .exception(10), .exception(11): return false
            case .linkDown, .refused, .reset: throw error
            default: return true
            }
        }
    }

    /// Who made it.
    package var vendor: String? { sunSpec?.manufacturer ?? objects[0] }
    /// What it is.
    package var product: String? { sunSpec?.model ?? objects[4] ?? objects[5] ?? objects[1] }
    /// The revision of its program.
    package var revision: String? { objects[2] }
}
