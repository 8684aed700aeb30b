import Metering

/// Where a register stands, as people write it.
package enum RegisterReference {
    /// The table and address of `holding 1000`, `input 0x34` or a classic reference such as `40001`; nil for anything else.
    package static func parse(_ text: String) -> (table: RegisterTable, address: UInt16)? {
        let words = text.split(separator: " ")
        guard words.count == 2 else { return Field.classic(text) }
        guard let table = RegisterTable(rawValue: String(words[0])), let address = Field.address(words[1]) else {
            return nil
        }
        return (table, address)
    }
}
