import CModbus

/// The cells of a simulated device, in libmodbus's mapping.
///
/// Cells outside its extent do not exist: writing one does nothing, asking for one is answered with exception 2.
/// `@unchecked Sendable`: it cannot be copied and alone owns its mapping, so one thread at a time has it.
package struct RegisterBank: ~Copyable, @unchecked Sendable {
    // Sendable holds because the bank cannot be copied and no one else knows the mapping: who has the bank has it alone.
    private let mapping: UnsafeMutablePointer<modbus_mapping_t>

    /// Cells of that extent, all zero; nil where memory is exhausted.
    package init?(_ extent: RegisterExtent) {
        func part(_ range: Range<Int>) -> (UInt32, UInt32) { (UInt32(range.lowerBound), UInt32(range.count)) }
        let (coil, coils) = part(extent.coils)
        let (discrete, discretes) = part(extent.discretes)
        let (holding, holdings) = part(extent.holdings)
        let (input, inputs) = part(extent.inputs)
        guard
            let mapping = modbus_mapping_new_start_address(
                coil, coils, discrete, discretes, holding, holdings, input, inputs)
        else { return nil }
        self.mapping = mapping
    }

    deinit { modbus_mapping_free(mapping) }

    /// Sets those bits of a holding or input register that the mask names, and leaves the others.
    package mutating func setRegister(_ value: UInt16, mask: UInt16 = 0xFFFF, at address: Int, ofInputs: Bool) {
        let first = Int(ofInputs ? mapping.pointee.start_input_registers : mapping.pointee.start_registers)
        let count = Int(ofInputs ? mapping.pointee.nb_input_registers : mapping.pointee.nb_registers)
        let cells = ofInputs ? mapping.pointee.tab_input_registers : mapping.pointee.tab_registers
        guard let cells, address >= first, address < first + count else { return }
        cells[address - first] = cells[address - first] & ~mask | value & mask
    }

    /// Sets a coil or discrete input.
    package mutating func setBit(_ value: Bool, at address: Int, ofInputs: Bool) {
        let first = Int(ofInputs ? mapping.pointee.start_input_bits : mapping.pointee.start_bits)
        let count = Int(ofInputs ? mapping.pointee.nb_input_bits : mapping.pointee.nb_bits)
        let cells = ofInputs ? mapping.pointee.tab_input_bits : mapping.pointee.tab_bits
        guard let cells, address >= first, address < first + count else { return }
        cells[address - first] = value ? 1 : 0
    }

    /// libmodbus's answer to a read request, sent to the context's socket; whether it could be sent.
    borrowing func reply(_ context: OpaquePointer, to frame: [UInt8]) -> Bool {
        modbus_reply(context, frame, Int32(frame.count), mapping) >= 0
    }
}
