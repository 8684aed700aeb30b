/// The function codes that read; no other can be built by the client, so that nothing is ever written to a device.
package enum ReadFunction: UInt8, Sendable, Hashable, CaseIterable {
    case coils = 1
    case discreteInputs = 2
    case holdingRegisters = 3
    case inputRegisters = 4

    /// Whether its cells are single bits.
    package var isBits: Bool { self == .coils || self == .discreteInputs }

    /// The most cells one request may ask for.
    package var limit: Int { isBits ? 2000 : 125 }
}
